-- The labels of some custom fields.
SELECT custom_field_id, label FROM custom_field WHERE custom_field_id IN (SELECT unnest($ids))
