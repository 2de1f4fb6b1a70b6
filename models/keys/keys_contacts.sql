with claims as (
    {{ party_claims() }}
),

names as (
    select
        contactid,
        concat_ws(' ', {{ fit('firstname', 50) }}, {{ fit('lastname', 50) }}) as name
    from {{ ref('stg_sales__contacts') }}
),

people as (
    select
        data_area_id,
        contact_person_party_number as number,
        null as customer_party_number,
        nullif(concat_ws(' ', first_name, last_name), '') as name,
        is_contact_person_externally_maintained = 'Yes' as is_ours
    from {{ ref('stg_finops__contact_persons') }}
    where deleted_at is null
    union all
    select
        data_area_id,
        customer_account as number,
        party_number as customer_party_number,
        nullif(concat_ws(' ', person_first_name, person_last_name), '') as name,
        is_externally_maintained = 'Yes' as is_ours
    from {{ ref('stg_finops__customers') }}
    where deleted_at is null
),

there as (
    select
        data_area_id,
        lower(number) as number,
        max(customer_party_number) as customer_party_number
    from people
    group by data_area_id, lower(number)
),

lost as (
    {{ lost_records("select data_area_id, number, name from people where is_ours") }}
)

select
    claims.party_id as contact_id,
    claims.data_area_id,
    claims.number as contact_number,
    claims.claimed as party_number,
    -- A customer that F&O made itself has a party number of its own.
    coalesce(there.customer_party_number, claims.claimed) as customer_party_number,
    claims.matched_by,
    claims.is_alive,
    claims.other_id as other_contact_id,
    claims.other_type,
    claims.override_problem,
    claims.to_review,
    case when claims.matched_by = 'contact number' and there.number is null then lost.number end as might_be
from claims
left join names on claims.party_id = names.contactid
left join there on claims.data_area_id = there.data_area_id and lower(claims.claimed) = there.number
left join lost on claims.data_area_id = lost.data_area_id and lower(names.name) = lost.name
where claims.party_type = 'contact'
