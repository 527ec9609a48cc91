-- A photo by its id, while it is an account's photo and the viewer may see that account.
SELECT p.photo_id, p.file
FROM photo p JOIN account a ON a.account_id = p.account_id AND a.photo_id = p.photo_id
WHERE p.photo_id = $photo_id
