-- The line under an account's name: its team and tags.
SELECT (SELECT string_agg(m.name, ', ' ORDER BY m.name)
        FROM assignment s JOIN staff_member m ON m.staff_member_id = s.staff_member_id
        WHERE s.account_id = $account_id) AS team,
       (SELECT list({'name': g.name, 'color': g.color} ORDER BY g.name)
        FROM account_tag a JOIN tag g ON g.tag_id = a.tag_id
        WHERE a.account_id = $account_id) AS tags
