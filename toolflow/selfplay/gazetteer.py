"""A small gazetteer of places that people ask about: cities, their countries, and what goes with these.

Coordinates of cities are rounded to a tenth of a degree.
"""

import re
from dataclasses import dataclass
from functools import cache

_COUNTRIES = """
Argentina|AR|ARS|54|Calle Honduras 4820;Avenida Corrientes 845|America/Argentina/Buenos_Aires|####
Australia|AU|AUD|61|14 Collins Lane;230 Harbour Street|Australia/Sydney|####
Austria|AT|EUR|43|Lindengasse 12;Hauptstraße 40|Europe/Vienna|####
Brazil|BR|BRL|55|Rua Augusta 540;Avenida Paulista 1200|America/Sao_Paulo|#####-###
Canada|CA|CAD|1|221 King Street West;48 Maple Avenue|America/Toronto|@#@ #@#
Chile|CL|CLP|56|Calle Merced 310;Avenida Italia 950|America/Santiago|#######
Colombia|CO|COP|57|Carrera 43A 6-15;Calle 85 12-40|America/Bogota|######
Croatia|HR|EUR|385|Ilica 54;Riva 9|Europe/Zagreb|#####
Denmark|DK|DKK|45|Vesterbrogade 62;Strandvejen 18|Europe/Copenhagen|####
France|FR|EUR|33|31 Rue Mercière;7 Place du Marché|Europe/Paris|#####
Germany|DE|EUR|49|Lindenallee 17;Torstraße 96|Europe/Berlin|#####
Ghana|GH|GHS|233|14 Oxford Street;22 Ring Road East|Africa/Accra|@@-###-####
Greece|GR|EUR|30|Ermou 45;Athinas 12|Europe/Athens|### ##
India|IN|INR|91|47 Linking Road;12 MG Road|Asia/Kolkata|######
Ireland|IE|EUR|353|33 Shop Street;21 Grafton Street|Europe/Dublin|@## @###
Italy|IT|EUR|39|Via Garibaldi 5;Via Nazionale 194|Europe/Rome|#####
Japan|JP|JPY|81|2-8-5 Sakuramachi;3-14-1 Honcho|Asia/Tokyo|###-####
Kenya|KE|KES|254|48 Kenyatta Avenue;12 Wood Avenue|Africa/Nairobi|#####
Mexico|MX|MXN|52|Calle Morelos 640;Avenida Chapultepec 215|America/Mexico_City|#####
Morocco|MA|MAD|212|12 Rue des Oliviers;40 Avenue Hassan II|Africa/Casablanca|#####
Netherlands|NL|EUR|31|Prinsengracht 633;Kerkstraat 21|Europe/Amsterdam|#### @@
New Zealand|NZ|NZD|64|88 Victoria Street;15 Queen Street|Pacific/Auckland|####
Nigeria|NG|NGN|234|14 Admiralty Way;8 Adeola Odeku Street|Africa/Lagos|######
Norway|NO|NOK|47|Karl Johans gate 9;Strandgaten 30|Europe/Oslo|####
Poland|PL|PLN|48|ulica Długa 57;ulica Piękna 24|Europe/Warsaw|##-###
Portugal|PT|EUR|351|Rua das Flores 210;Rua Augusta 112|Europe/Lisbon|####-###
Senegal|SN|XOF|221|12 Rue Carnot;5 Avenue Pompidou|Africa/Dakar|#####
Singapore|SG|SGD|65|48 Orchard Road;21 Keong Saik Road|Asia/Singapore|######
South Africa|ZA|ZAR|27|22 Long Street;9 Kloof Road|Africa/Johannesburg|####
South Korea|KR|KRW|82|15 Insadong-gil;40 Yonsei-ro|Asia/Seoul|#####
Spain|ES|EUR|34|Calle de Atocha 112;Calle Mayor 60|Europe/Madrid|#####
Sweden|SE|SEK|46|Kungsgatan 44;Storgatan 8|Europe/Stockholm|### ##
Turkey|TR|TRY|90|İstiklal Caddesi 120;Bağdat Caddesi 45|Europe/Istanbul|#####
United Kingdom|GB|GBP|44|19 George Street;48 Marlowe Street|Europe/London|@@# #@@
United States|US|USD|1|742 Maple Avenue;1450 Valencia Street|America/New_York|#####
Vietnam|VN|VND|84|118 Nguyễn Trãi;37 Hang Bac|Asia/Ho_Chi_Minh|######
"""
"""Country, its code, its currency, its calling code, streets, the time zone of most of its cities, and the form of its
postal codes: ``#`` is a digit, ``@`` a capital."""

_CITIES = """
AR: Buenos Aires -34.6 -58.4, Mendoza -32.9 -68.8
AU: Melbourne -37.8 145.0 Australia/Melbourne, Sydney -33.9 151.2
AT: Vienna 48.2 16.4
BR: São Paulo -23.6 -46.6, Rio de Janeiro -22.9 -43.2, Porto Alegre -30.0 -51.2
CA: Toronto 43.7 -79.4, Montréal 45.5 -73.6, Vancouver 49.3 -123.1 America/Vancouver
CL: Santiago -33.4 -70.7
CO: Bogotá 4.7 -74.1, Medellín 6.2 -75.6
HR: Zagreb 45.8 16.0, Split 43.5 16.4
DK: Copenhagen 55.7 12.6
FR: Paris 48.9 2.4, Lyon 45.8 4.8, Toulouse 43.6 1.4
DE: Berlin 52.5 13.4, Hamburg 53.6 10.0, Munich 48.1 11.6, Cologne 50.9 7.0
GH: Accra 5.6 -0.2
GR: Athens 38.0 23.7
IN: Mumbai 19.1 72.9, Pune 18.5 73.9, Bengaluru 13.0 77.6, Chennai 13.1 80.3, Delhi 28.6 77.2
IE: Dublin 53.3 -6.3, Galway 53.3 -9.1
IT: Rome 41.9 12.5, Milan 45.5 9.2, Bologna 44.5 11.3, Palermo 38.1 13.4
JP: Tokyo 35.7 139.7, Osaka 34.7 135.5, Kyoto 35.0 135.8, Sapporo 43.1 141.4, Yokohama 35.4 139.6
KE: Nairobi -1.3 36.8, Mombasa -4.1 39.7
MX: Mexico City 19.4 -99.1, Guadalajara 20.7 -103.3, Mérida 21.0 -89.6
MA: Marrakesh 31.6 -8.0, Casablanca 33.6 -7.6
NL: Amsterdam 52.4 4.9, Rotterdam 51.9 4.5
NZ: Auckland -36.8 174.8, Wellington -41.3 174.8
NG: Lagos 6.5 3.4
NO: Oslo 59.9 10.8, Bergen 60.4 5.3
PL: Warsaw 52.2 21.0, Kraków 50.1 19.9, Gdańsk 54.4 18.6
PT: Lisbon 38.7 -9.1, Porto 41.2 -8.6, Faro 37.0 -7.9
SN: Dakar 14.7 -17.4
SG: Singapore 1.3 103.8
ZA: Cape Town -33.9 18.4, Johannesburg -26.2 28.0
KR: Seoul 37.6 127.0
ES: Madrid 40.4 -3.7, Barcelona 41.4 2.2, Valencia 39.5 -0.4
SE: Stockholm 59.3 18.1, Gothenburg 57.7 12.0
TR: Istanbul 41.0 29.0
GB: London 51.5 -0.1, Edinburgh 55.9 -3.2, Glasgow 55.9 -4.3, Bristol 51.5 -2.6, Leeds 53.8 -1.5, Manchester 53.5 -2.2
US: New York 40.7 -74.0, Chicago 41.9 -87.6 America/Chicago, Austin 30.3 -97.7 America/Chicago,
US: Denver 39.7 -105.0 America/Denver, San Francisco 37.8 -122.4 America/Los_Angeles, Atlanta 33.7 -84.4
US: Sacramento 38.6 -121.5 America/Los_Angeles, Evanston 42.0 -87.7 America/Chicago, Boston 42.4 -71.1
US: Seattle 47.6 -122.3 America/Los_Angeles
VN: Hanoi 21.0 105.8
"""
"""Country code: city, latitude, longitude, its time zone where that is not the country's."""

_CITY = re.compile(r" ?([^\d,]+?) (-?[\d.]+) (-?[\d.]+)(?: (\S+))?$")
_ALSO = {"Scotland": "United Kingdom", "England": "United Kingdom", "USA": "United States", "UK": "United Kingdom"}
_NOT_A_CITY = "(?! (?:Street|Avenue|Road|Lane|Way|Drive|Square|Place|Ward))"


@dataclass(frozen=True, slots=True)
class Country:
    """A country and what goes with it."""

    name: str
    code: str
    currency: str
    calling_code: str
    streets: tuple[str, ...]
    timezone: str
    postal: str
    """The form of its postal codes: ``#`` is a digit, ``@`` a capital."""


@dataclass(frozen=True, slots=True)
class City:
    """A city and where it lies."""

    name: str
    country: Country
    latitude: float
    longitude: float
    timezone: str


@cache
def cities() -> dict[str, City]:
    """Every city by its name in lower case."""
    countries = _countries()
    found: dict[str, City] = {}
    for line in _CITIES.split("\n"):
        code, _, listed = line.partition(": ")
        for text in filter(None, listed.split(",")):
            if match := _CITY.match(text):
                name, latitude, longitude, zone = match.groups()
                home = countries[code]
                found[name.lower()] = City(name, home, float(latitude), float(longitude), zone or home.timezone)
    return found


@cache
def _countries() -> dict[str, Country]:
    """Every country by its code."""
    rows = (line.split("|") for line in _COUNTRIES.split("\n") if line)
    return {
        code: Country(name, code, currency, calling, tuple(streets.split(";")), zone, postal)
        for name, code, currency, calling, streets, zone, postal in rows
    }


@cache
def _city_in() -> re.Pattern[str]:
    names = "|".join(re.escape(city.name) for city in cities().values())
    return re.compile(rf"\b({names})\b{_NOT_A_CITY}", re.IGNORECASE)


def city_in(text: object) -> City | None:
    """The last city that an address or a name of a place names."""
    named = _city_in().findall(text[:200]) if isinstance(text, str) else []
    return cities()[named[-1].lower()] if named else None


def city_near(latitude: object, longitude: object) -> City | None:
    """The city that coordinates lie in, within about a degree; None in the open."""
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None

    def distance(city: City) -> float:
        return abs(city.latitude - latitude) + abs(city.longitude - longitude)

    nearest = min(cities().values(), key=distance)
    return nearest if distance(nearest) < 1 else None


def country_called(text: object) -> Country | None:
    """The country of this name or code."""
    if not isinstance(text, str):
        return None
    name = _ALSO.get(text, text)
    return next((country for country in _countries().values() if name in (country.name, country.code)), None)


@cache
def postal_form(country: Country) -> re.Pattern[str]:
    """What the postal codes of a country look like."""
    return re.compile(rf"(?<![\w-]){country.postal.replace('#', '[0-9]').replace('@', '[A-Z]')}(?![\w-])")
