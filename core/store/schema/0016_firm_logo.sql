-- The firm's logo as WebP, small enough to stand in its row. The list of first steps is for new installations: who has clients is past it.
ALTER TABLE data.firm ADD COLUMN logo BLOB;
ALTER TABLE data.firm ADD COLUMN first_steps_put_away BOOLEAN DEFAULT FALSE;
UPDATE data.firm SET first_steps_put_away = EXISTS (FROM data.account);
