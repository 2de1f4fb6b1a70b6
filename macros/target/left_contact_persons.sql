{# The contact person of a customer that its contact has left (C6, C7): it stays as it is, or is deactivated,
   by the setting moved_contacts. #}
{% macro left_contact_persons() -%}
    {%- set left_as_it_is = [
        'ContactPersonPartyType', 'FirstName', 'MiddleName', 'LastName', 'Gender', 'MaritalStatus',
        'GovernmentIdentificationNumber', 'EmploymentProfession', 'EmploymentDepartment',
        'DecisionMakingRoleCode', 'Notes', 'PrimaryEmailAddress', 'PrimaryPhoneNumber', 'PrimaryURL',
        'PrimaryAddressStreet', 'PrimaryAddressCity', 'PrimaryAddressStateId', 'PrimaryAddressZipCode',
        'PrimaryAddressCountryRegionISOCode', 'IsReceivingDirectMail',
    ] %}
    select
        moved.data_area_id as "dataAreaId",
        moved.party_number as "ContactPersonPartyNumber",
        moved.left_customer_account as "AssociatedPartyNumber",
        {% for column in left_as_it_is %}
            held.{{ snake(column) }} as "{{ column }}",
        {% endfor %}
        cast('Yes' as varchar) as "IsInactive",
        cast('Yes' as varchar) as "IsContactPersonExternallyMaintained",

        moved.data_area_id || '/' || moved.contact_id || '/' || moved.left_customer_account as p2c_source_key,
        moved.data_area_id || '/' || moved.party_number || '/' || moved.left_customer_account
            as p2c_record_key,
        '[]' as p2c_parents,
        false as p2c_deleted,
        case
            when {{ choice_var('moved_contacts', ['keep', 'deactivate']) }} = 'keep'
                then 'its contact has moved to ' || coalesce('the customer ' || moved.customer_account, 'no account')
                || ': the contact person of ' || moved.left_customer_account || ' stays (moved_contacts: keep)'
        end as p2c_filtered,
        '[]' as p2c_reasons,
        '[]' as p2c_cuts
    from {{ ref('keys_left_contact_persons') }} as moved
    inner join {{ ref('stg_finops__contact_persons') }} as held
        on
            moved.data_area_id = held.data_area_id
            and moved.party_number = held.contact_person_party_number
            and moved.left_customer_account = held.associated_party_number
{%- endmacro %}
