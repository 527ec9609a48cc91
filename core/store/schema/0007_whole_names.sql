-- Whole names among the search words (rank 3), so that an exact name among very many is found where the words are sorted.
INSERT INTO data.search_word SELECT unnest(string_split(name, chr(10))), account_id, 3 FROM data.search_text;
