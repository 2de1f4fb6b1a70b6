{% set pairs %}
    select
        contacts.contactid as party_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        contacts.msdynce_contactnumber as number,
        contacts.deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }} as contacts
    left join {{ ref('keys_legal_entities') }} as entities
        on contacts.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
{% endset %}
{# A contact is a contact person, or a customer who is a person (C1). #}
{% set persons %}
    select
        data_area_id,
        contact_person_party_number as number
    from {{ ref('stg_finops__contact_persons') }}
    where deleted_at is null
    union
    select
        data_area_id,
        customer_account as number
    from {{ ref('stg_finops__customers') }}
    where deleted_at is null and party_type = 'Person'
{% endset %}

select
    party_id as contact_id,
    data_area_id,
    seed_row,
    number as party_number,
    problem
from (
    {{ party_overrides('contacts', 'contact', 'contact person or customer', pairs, persons) }}
) as overrides
