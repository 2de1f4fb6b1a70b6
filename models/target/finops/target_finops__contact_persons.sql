{% set cut = {
    'FirstName': ('contacts.first_name', 50),
    'MiddleName': ('contacts.middle_name', 50),
    'LastName': ('contacts.last_name', 50),
    'EmploymentProfession': ('contacts.job_title', 60),
    'EmploymentDepartment': ('contacts.department', 60),
    'PrimaryAddressCity': ('contacts.city', 60),
    'PrimaryAddressStateId': ('contacts.state', 10),
    'PrimaryAddressZipCode': ('contacts.postal_code', 10),
} %}

with contacts as (
    select
        contacts.*,
        {{ optional_code('value_map_contact_roles', 'contacts.role_code') }} as role
    from {{ ref('contacts') }} as contacts
),

parents as (
    select * from {{ ref('target_finops__customers') }}
)

select
    contacts.data_area_id as "dataAreaId",
    contacts.party_number as "ContactPersonPartyNumber",
    contacts.parent_party_number as "AssociatedPartyNumber",
    cast('Person' as varchar) as "ContactPersonPartyType",
    {{ fit('contacts.first_name', 50) }} as "FirstName",
    {{ fit('contacts.middle_name', 50) }} as "MiddleName",
    {{ fit('contacts.last_name', 50) }} as "LastName",
    cast(case contacts.gender_code when 1 then 'Male' when 2 then 'Female' else 'Unknown' end as varchar)
        as "Gender",
    cast(case contacts.family_status_code
        when 1 then 'Single' when 2 then 'Married' when 3 then 'Divorced' when 4 then 'Widowhood'
        else 'None'
    end as varchar) as "MaritalStatus",
    contacts.government_id as "GovernmentIdentificationNumber",
    {{ fit('contacts.job_title', 60) }} as "EmploymentProfession",
    {{ fit('contacts.department', 60) }} as "EmploymentDepartment",
    contacts.role as "DecisionMakingRoleCode",
    contacts.description as "Notes",
    contacts.email as "PrimaryEmailAddress",
    contacts.phone as "PrimaryPhoneNumber",
    contacts.website as "PrimaryURL",
    contacts.street as "PrimaryAddressStreet",
    {{ fit('contacts.city', 60) }} as "PrimaryAddressCity",
    {{ fit('contacts.state', 10) }} as "PrimaryAddressStateId",
    {{ fit('contacts.postal_code', 10) }} as "PrimaryAddressZipCode",
    contacts.country_iso2 as "PrimaryAddressCountryRegionISOCode",
    -- The template's polarity is not visible; the meanings are opposite, so the values are too.
    cast(case when contacts.do_not_email then 'No' else 'Yes' end as varchar) as "IsReceivingDirectMail",
    cast(case when contacts.is_inactive then 'Yes' else 'No' end as varchar) as "IsInactive",
    cast('Yes' as varchar) as "IsContactPersonExternallyMaintained",

    contacts.data_area_id || '/' || contacts.contact_id as p2c_source_key,
    contacts.data_area_id || '/' || contacts.party_number || '/' || contacts.parent_party_number
        as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    {{ json_array([
        "case when contacts.parent_customer_account is not null then "
        ~ parent(target_label('changes_finops__customers'),
                 "contacts.data_area_id || '/' || contacts.parent_customer_account") ~ ' end'
    ]) }} as p2c_parents,
    contacts.is_deleted as p2c_deleted,
    case
        when contacts.is_active_customer then 'it is an active customer: see contacts_to_customers'
        when not contacts.is_company_an_account then 'its company is not an account'
    end as p2c_filtered,
    case
        when contacts.to_review is not null then 'match_to_review: ' || contacts.to_review
        when parents.p2c_blocked like 'match_to_review: %'
            then
                'the account it belongs to waits for a decision: '
                || substring(parents.p2c_blocked, length('match_to_review: ') + 1)
        when contacts.parent_customer_account is null
            then 'the account it belongs to is no customer in ' || contacts.data_area_id
        when parents.p2c_reasons <> '[]'
            then 'the account ' || contacts.parent_customer_account || ' is rejected'
    end as p2c_blocked,
    {{ reasons([
        contact_number_reason('no_number'), contact_number_reason('wrong_override'),
        contact_number_reason('duplicate_number'), contact_number_reason('number_taken'),
        contact_number_reason('number_too_long'), contact_number_reason('might_be_known'),
        country_reason('address1_country', 'contacts.country', 'contacts.country_iso2'),
        optional_code_reason('value_map_contact_roles', 'accountrolecode', 'contacts.role_code', 'contacts.role'),
    ]) }} as p2c_reasons,
    {{ cuts(cut) }} as p2c_cuts
from contacts
left join parents
    on
        contacts.parent_id = substring(parents.p2c_source_key, length(contacts.data_area_id) + 2)
        and contacts.data_area_id = parents."dataAreaId"

union all by name

{{ left_contact_persons() }}
