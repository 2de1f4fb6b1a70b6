{# The table of F&O that each contact would be written to (C1); none for one that is out of scope. #}
{% macro contact_table(contacts) -%}
    case
        when {{ contacts }}.msdynce_isactivecustomer then 'customers'
        when {{ contacts }}.msdynce_iscompanyanaccount then 'contact_persons'
    end
{%- endmacro %}

{# Who can be a contact of Sales: contact persons, and customers who are persons (C1). #}
{% macro finops_persons() -%}
    select
        'contact_persons' as record_table,
        data_area_id,
        contact_person_party_number as number,
        bool_or(coalesce(is_contact_person_externally_maintained = 'Yes', false)) as is_ours
    from {{ ref('stg_finops__contact_persons') }}
    where deleted_at is null
    group by data_area_id, contact_person_party_number
    union all
    select
        'customers' as record_table,
        data_area_id,
        customer_account as number,
        coalesce(is_externally_maintained = 'Yes', false) as is_ours
    from {{ ref('stg_finops__customers') }}
    where deleted_at is null and party_type = 'Person'
{%- endmacro %}
