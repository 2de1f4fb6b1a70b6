{% set by = {
    'country': 'contacts.country_iso2', 'city': 'contacts.city', 'state': 'contacts.state',
    'account_number': 'contacts.contact_number',
} %}
{% set cut = {
    'PersonFirstName': ('contacts.first_name', 50),
    'PersonMiddleName': ('contacts.middle_name', 50),
    'PersonLastName': ('contacts.last_name', 50),
    'AddressDescription': ('contacts.full_name', 60),
    'AddressCity': ('contacts.city', 60),
    'AddressState': ('contacts.state', 10),
    'AddressZipCode': ('contacts.postal_code', 10),
} %}

with contacts as (
    {{ with_terms(ref('contacts')) }}
)

select
    contacts.data_area_id as "dataAreaId",
    contacts.party_number as "CustomerAccount",
    contacts.customer_party_number as "PartyNumber",
    cast('Person' as varchar) as "PartyType",
    {{ fit('contacts.first_name', 50) }} as "PersonFirstName",
    {{ fit('contacts.middle_name', 50) }} as "PersonMiddleName",
    {{ fit('contacts.last_name', 50) }} as "PersonLastName",
    {{ mapped_or_default('value_map_customer_groups', 'customer_group', by, 'contacts.data_area_id') }}
        as "CustomerGroupId",
    coalesce(contacts.currency_code, upper({{ text_var('default_currency') }})) as "SalesCurrencyCode",
    cast(coalesce(contacts.credit_limit, 0) as decimal(32, 6)) as "CreditLimit",
    contacts.description as "SalesMemo",
    {{ mapped_or_default('value_map_languages', 'language', by, 'contacts.data_area_id') }}
        as "LanguageId",
    contacts.payment_terms as "PaymentTerms",
    contacts.delivery_terms as "DeliveryTerms",
    contacts.delivery_mode as "DeliveryMode",
    {{ mapped_or_default('value_map_sites', 'contact_site', by, 'contacts.data_area_id') }}
        as "SiteId",
    {{ mapped_or_default('value_map_warehouses', 'contact_warehouse', by, 'contacts.data_area_id') }}
        as "WarehouseId",
    contacts.phone as "PrimaryContactPhone",
    contacts.fax as "PrimaryContactFax",
    contacts.email as "PrimaryContactEmail",
    contacts.website as "PrimaryContactURL",
    {{ fit('contacts.full_name', 60) }} as "AddressDescription",
    contacts.street as "AddressStreet",
    {{ fit('contacts.city', 60) }} as "AddressCity",
    {{ fit('contacts.state', 10) }} as "AddressState",
    {{ fit('contacts.postal_code', 10) }} as "AddressZipCode",
    contacts.country_iso3 as "AddressCountryRegionId",
    contacts.country_iso2 as "AddressCountryRegionISOCode",
    cast('Yes' as varchar) as "IsExternallyMaintained",

    contacts.data_area_id || '/' || contacts.contact_id as p2c_source_key,
    contacts.data_area_id || '/' || contacts.party_number as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    '[]' as p2c_parents,
    contacts.is_deleted as p2c_deleted,
    case
        when not contacts.is_active_customer then 'it is no active customer: it has no quote, order or invoice'
    end as p2c_filtered,
    'match_to_review: ' || contacts.to_review as p2c_blocked,
    {{ reasons([
        contact_number_reason('no_number'), contact_number_reason('wrong_override'),
        contact_number_reason('duplicate_number'), contact_number_reason('number_taken'),
        contact_number_reason('number_too_long'), contact_number_reason('might_be_known'),
        currency_reason('contacts.currency_id', 'contacts.currency_code'),
        country_reason('address1_country', 'contacts.country', 'contacts.country_iso2'),
    ] + terms_reasons('contacts', 'address1_')) }} as p2c_reasons,
    {{ cuts(cut) }} as p2c_cuts
from contacts
