{% set pairs %}
    select
        contact_id as party_id,
        data_area_id,
        contact_number as number,
        is_alive
    from ({{ contact_companies() }}) as contacts
{% endset %}
{% set persons %}
    select distinct
        data_area_id,
        number
    from ({{ finops_persons() }}) as persons
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
