-- The newest rows and the tile of one widget of one account, ready to be shown (core/overview/card_cache.py), kept until something
-- they are made of changes. A row that is missing is read from the tables themselves. `form` names how `card` was made;
-- it holds from the day `made_on` to the day `good_until`.
CREATE TABLE data.overview_card (
    account_id BIGINT NOT NULL, widget TEXT NOT NULL, form BIGINT NOT NULL, made_on DATE NOT NULL, good_until DATE, card TEXT NOT NULL);
