-- When the firm is open, as a day of the week each, with commas, from Monday on (08:00–17:00, empty: shut), and the Land whose public
-- holidays it keeps ('': none). Without hours it is open from Monday to Friday, 8 to 17.
ALTER TABLE data.firm ADD COLUMN opening_hours TEXT;
ALTER TABLE data.firm ADD COLUMN holiday_land TEXT DEFAULT '';
