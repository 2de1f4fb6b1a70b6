{% set cut = {
    'OrganizationName': ('accounts.account_name', 100),
    'AddressDescription': ('accounts.account_name', 60),
    'AddressCity': ('accounts.city', 60),
    'AddressState': ('accounts.state', 10),
    'AddressZipCode': ('accounts.postal_code', 10),
    'DeliveryAddressCity': ('accounts.delivery_city', 60),
    'DeliveryAddressState': ('accounts.delivery_state', 10),
    'DeliveryAddressZipCode': ('accounts.delivery_postal_code', 10),
} %}
{% set by = {
    'country': 'accounts.country_iso2', 'city': 'accounts.city', 'state': 'accounts.state',
    'account_number': 'accounts.account_number',
} %}

with accounts as (
    {{ with_terms(ref('accounts')) }}
),

others as (
    select distinct account_id, account_name from {{ ref('accounts') }}
)

select
    accounts.data_area_id as "dataAreaId",
    accounts.customer_account as "CustomerAccount",
    accounts.party_number as "PartyNumber",
    cast('Organization' as varchar) as "PartyType",
    {{ fit('accounts.account_name', 100) }} as "OrganizationName",
    {{ mapped_or_default('value_map_customer_groups', 'customer_group', by, 'accounts.data_area_id') }}
        as "CustomerGroupId",
    coalesce(accounts.currency_code, upper({{ text_var('default_currency') }})) as "SalesCurrencyCode",
    cast(coalesce(accounts.credit_limit, 0) as decimal(32, 6)) as "CreditLimit",
    cast(coalesce(accounts.number_of_employees, 0) as integer) as "OrganizationNumberOfEmployees",
    accounts.description as "SalesMemo",
    {{ mapped_or_default('value_map_sites', 'site', by, 'accounts.data_area_id') }} as "SiteId",
    {{ mapped_or_default('value_map_warehouses', 'warehouse', by, 'accounts.data_area_id') }}
        as "WarehouseId",
    {{ mapped_or_default('value_map_languages', 'language', by, 'accounts.data_area_id') }}
        as "LanguageId",
    accounts.payment_terms as "PaymentTerms",
    accounts.delivery_terms as "DeliveryTerms",
    accounts.delivery_mode as "DeliveryMode",
    accounts.phone as "PrimaryContactPhone",
    accounts.fax as "PrimaryContactFax",
    accounts.email as "PrimaryContactEmail",
    accounts.website as "PrimaryContactURL",
    {{ fit('accounts.account_name', 60) }} as "AddressDescription",
    cast({{ text_var('address_role') }} as varchar) as "AddressLocationRoles",
    accounts.street as "AddressStreet",
    {{ fit('accounts.city', 60) }} as "AddressCity",
    {{ fit('accounts.state', 10) }} as "AddressState",
    {{ fit('accounts.postal_code', 10) }} as "AddressZipCode",
    accounts.country_iso3 as "AddressCountryRegionId",
    accounts.country_iso2 as "AddressCountryRegionISOCode",
    {{ fit('accounts.account_name', 60) }} as "DeliveryAddressDescription",
    accounts.delivery_street as "DeliveryAddressStreet",
    {{ fit('accounts.delivery_city', 60) }} as "DeliveryAddressCity",
    {{ fit('accounts.delivery_state', 10) }} as "DeliveryAddressState",
    {{ fit('accounts.delivery_postal_code', 10) }} as "DeliveryAddressZipCode",
    accounts.delivery_country_iso3 as "DeliveryAddressCountryRegionId",
    accounts.delivery_country_iso2 as "DeliveryAddressCountryRegionISOCode",
    cast('Yes' as varchar) as "IsExternallyMaintained",

    accounts.data_area_id || '/' || accounts.account_id as p2c_source_key,
    accounts.data_area_id || '/' || accounts.customer_account as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    '[]' as p2c_parents,
    accounts.is_deleted as p2c_deleted,
    cast(null as varchar) as p2c_filtered,
    'match_to_review: ' || accounts.to_review as p2c_blocked,
    {{ reasons([
        reason('no_number', 'accountnumber', 'accounts.account_name',
            "'The account has no account number: give it one in Sales.'",
            "accounts.matched_by = 'no number'"),
        reason('wrong_override', 'key_overrides', 'accounts.account_number',
            "'For this account ' || accounts.override_problem || '.'", 'accounts.override_problem is not null'),
        reason('duplicate_number', 'accountnumber', 'accounts.account_number',
            "'The number is also that of ' || coalesce(others.account_name, 'the ' || accounts.other_type) || ' ('
            || accounts.other_account_id || '): give one of the two another number in Sales, or say in the seed"
            " key_overrides which customer it is.'",
            "accounts.matched_by = 'ambiguous'"),
        reason('number_taken', 'accountnumber', 'accounts.account_number',
            "'F&O has a customer of this number in ' || accounts.data_area_id || ', and a row of the seed key_overrides"
            " says that it is another: give the account another number in Sales.'",
            "accounts.matched_by = 'denied'"),
        reason('might_be_known', 'accountnumber', 'accounts.account_number',
            "'F&O has the customer ' || accounts.might_be || ' of the same name in ' || accounts.data_area_id"
            " || ', which came from Sales and which no account is known to be: pair them in the seed key_overrides"
            " (customers, ' || accounts.account_id || ', ' || accounts.data_area_id || ', ' || accounts.might_be"
            " || ') if it is the same; if not, set Is Externally Maintained to No there.'",
            'accounts.might_be is not null'),
        reason('number_too_long', 'accountnumber', 'accounts.account_number',
            "'A customer account has at most 20 characters: shorten the number in Sales.'",
            'length(accounts.customer_account) > 20'),
        reason('no_name', 'name', 'accounts.account_number',
            "'The account has no name: give it one in Sales.'", 'accounts.account_name is null'),
        currency_reason('accounts.currency_id', 'accounts.currency_code'),
        country_reason('address1_country', 'accounts.country', 'accounts.country_iso2'),
        country_reason('address2_country', 'accounts.delivery_country', 'accounts.delivery_country_iso2'),
    ] + terms_reasons('accounts', 'address1_')) }} as p2c_reasons,
    {{ cuts(cut) }} as p2c_cuts
from accounts
left join others on accounts.other_account_id = others.account_id
