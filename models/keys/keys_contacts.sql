with claims as (
    {{ party_claims() }}
)

select
    party_id as contact_id,
    data_area_id,
    number as contact_number,
    claimed as party_number,
    matched_by,
    is_alive,
    other_id as other_contact_id,
    other_type
from claims
where party_type = 'contact'
