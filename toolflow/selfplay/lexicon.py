"""Everyday values for fields that give no examples of their own, by what their names speak of.

Only words: which of them fits a schema is decided in `toolflow.selfplay.values`.
"""

CITIES = (
    "Lisbon", "Osaka", "Nairobi", "Toronto", "Kraków", "Melbourne", "Bogotá", "Lyon", "Austin", "Hamburg",
    "Valencia", "Seoul", "Cape Town", "Bergen", "Denver", "Pune", "Montréal", "Bristol", "Porto Alegre", "Zagreb",
)  # fmt: skip
COUNTRIES = (
    "Portugal", "Japan", "Kenya", "Canada", "Poland", "Australia", "Colombia", "France", "Germany", "Spain",
    "India", "Norway", "Brazil", "Croatia", "Mexico", "Italy",
)  # fmt: skip
COUNTRY_CODES = ("PT", "JP", "KE", "CA", "PL", "AU", "FR", "DE", "ES", "IN", "NO", "BR", "MX", "IT", "US", "GB")
STATES = ("Texas", "Bavaria", "Ontario", "Queensland", "Catalonia", "California", "Tuscany", "Oregon")
STATE_CODES = ("TX", "CA", "NY", "OR", "WA", "CO", "FL", "IL")
STREETS = (
    "48 Harbour Street", "12 Rua das Flores", "301 Maple Avenue", "7 Lindenallee", "95 King's Road",
    "22 Rue Mercière", "164 Oak Lane", "5 Via Garibaldi",
)  # fmt: skip
FIRST_NAMES = (
    "Amara", "Jonas", "Priya", "Mateo", "Hana", "Oliver", "Zainab", "Lucía", "Kwame", "Ingrid", "Tomasz", "Mei",
    "Farid", "Chloe", "Diego", "Aiko",
)  # fmt: skip
LAST_NAMES = (
    "Okafor", "Lindqvist", "Sharma", "Rivera", "Tanaka", "Bennett", "Haddad", "Kowalski", "Mensah", "Moreau",
    "Novak", "Silva", "Weber", "Nguyen", "Costa", "Ferrari",
)  # fmt: skip
COMPANIES = (
    "Northwind Foods", "Brightwater Energy", "Solano Textiles", "Kestrel Analytics", "Harbor & Pine",
    "Lumen Robotics", "Copperfield Books", "Alder Logistics",
)  # fmt: skip
AIRPORTS = ("LIS", "KIX", "NBO", "YYZ", "MEL", "BOG", "LYS", "AUS", "HAM", "ICN")
AIRLINES = ("Blue Meridian", "Norra Air", "Pacific Crane", "Iberis", "Savanna Airways")
CURRENCIES = ("EUR", "USD", "GBP", "JPY", "CAD", "AUD")
LANGUAGES = ("English", "Spanish", "French", "German", "Portuguese", "Japanese")
LANGUAGE_CODES = ("en", "es", "fr", "de", "pt", "ja")
LOCALES = ("en-US", "es-ES", "fr-FR", "de-DE", "pt-BR")
TIMEZONES = ("Europe/Lisbon", "Asia/Tokyo", "Africa/Nairobi", "America/Toronto", "Europe/Warsaw")
TICKERS = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "KO", "SAP", "SONY")
COINS = ("bitcoin", "ethereum", "solana", "litecoin", "cardano")
COLORS = ("navy blue", "forest green", "red", "black", "white", "grey", "yellow")
FOODS = ("mushroom risotto", "chicken tikka", "lentil soup", "margherita pizza", "fish tacos", "pad thai")
CUISINES = ("Italian", "Japanese", "Mexican", "Indian", "Lebanese", "Thai", "Greek")
INGREDIENTS = ("tomatoes", "basil", "chickpeas", "rice", "salmon", "spinach", "mushrooms")
PRODUCTS = (
    "wireless headphones", "hiking boots", "espresso machine", "desk lamp", "rain jacket", "water bottle",
    "mechanical keyboard", "yoga mat",
)  # fmt: skip
SONGS = ("Paper Lanterns", "Northern Line", "Slow Tide", "Golden Hour Drive", "Letters Home")
ARTISTS = ("Nora Vale", "The Harbor Lights", "Milo Castellan", "Saffron Skies", "Juno Park")
GENRES = ("jazz", "documentary", "thriller", "folk", "comedy", "science fiction", "classical")
FILMS = ("The Salt Road", "Midnight in Trieste", "Glass Orchard", "Second Harvest", "The Lighthouse Club")
BOOKS = ("The Cartographer's Daughter", "A Quiet Engine", "Rivers Without Names", "The Winter Ledger")
TEAMS = ("Riverside United", "Harbor City", "Northern Stars", "Valley Rovers", "Union Athletic")
LEAGUES = ("Premier League", "La Liga", "Serie A", "Bundesliga", "NBA")
SPORTS = ("football", "tennis", "basketball", "cycling", "swimming")
ANIMALS = ("border collie", "tabby cat", "red fox", "barn owl", "sea turtle")
TOPICS = (
    "renewable energy", "electric bikes", "remote work", "urban gardening", "space exploration", "sourdough baking",
    "machine learning", "home renovation", "marathon training", "street photography",
)  # fmt: skip
TITLES = (
    "Quarterly planning", "Team lunch", "Project kickoff", "Budget review", "Weekend in the mountains",
    "Design workshop", "Parents' evening", "Spring clean-up",
)  # fmt: skip
MESSAGES = (
    "Running ten minutes late, please start without me.", "Could we move this to the afternoon?",
    "Thanks for your help last week, it made a big difference.", "Please bring the signed forms with you.",
    "The draft is ready, I would love your comments.", "Happy to confirm that everything is on track.",
)  # fmt: skip
SENTENCES = (
    "Updated this morning and checked by the team.", "Well reviewed and easy to reach.",
    "A popular choice with regular visitors.", "Nothing unusual to report.",
    "Available to everyone, no sign-up needed.",
)  # fmt: skip
USERNAMES = ("amara.okafor", "jonas_l", "hana.tanaka", "mateo88", "zainab_h")
DOMAINS = ("example.com", "example.org", "example.net")
WORDS = ("river", "garden", "harbor", "winter", "coffee", "mountain", "station", "market")
FILES = ("notes.md", "budget.xlsx", "report.pdf", "photo.png", "readme.txt")
PATHS = ("docs/notes.md", "reports/budget.xlsx", "src/main.py", "data/customers.csv")
FOLDERS = ("docs", "reports", "src", "photos")
BRANCHES = ("main", "develop", "feature/login")
REPOSITORIES = ("harbor-app", "weather-station", "recipe-box")
TABLES = ("customers", "orders", "invoices", "products")
COLUMNS = ("name", "price", "created_at", "city")
SHEETS = ("Budget", "Sheet1", "Summary")
CELLS = ("A1", "B2", "C10", "D14")
SELECTORS = ("#main", ".price", "h1", "#submit-button")
COMMANDS = ("status", "list", "version", "help")
CHARACTERS = ("Captain Osei", "Nina", "the Lighthouse Keeper", "Mira Sol", "Old Tomas")
ENDPOINTS = ("/status", "/orders", "/users", "/reports")
CATEGORIES = ("travel", "home and garden", "electronics", "outdoor", "health")
STATUSES = ("open", "pending", "active", "done")
DOIS = ("10.1000/xyz123", "10.5555/12345678", "10.1000/182")
SITES = ("example.com", "example.org")
SEASONS = ("spring", "summer", "autumn", "winter")
WEATHER = ("partly cloudy", "light rain", "clear sky", "overcast", "scattered showers")
UNITS = ("metric", "imperial")
BRANDS = ("Kestrel", "Lumen", "Alder", "Solano", "Northwind")
CARS = ("compact SUV", "hatchback", "estate car", "electric sedan")
JOBS = ("software engineer", "nurse", "product designer", "electrician", "data analyst")
GENDERS = ("female", "male")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

LISTED = {
    "AAPL": "Apple", "MSFT": "Microsoft", "NVDA": "Nvidia", "TSLA": "Tesla", "AMZN": "Amazon", "KO": "Coca-Cola",
    "SAP": "SAP", "SONY": "Sony", "DIS": "Walt Disney", "GOOGL": "Alphabet", "META": "Meta",
}  # fmt: skip
"""Ticker → the company it stands for."""

BANKS: dict[str, tuple[str, ...]] = {
    "city": CITIES, "town": CITIES, "location": CITIES, "place": CITIES, "destination": CITIES, "origin": CITIES,
    "country": COUNTRIES, "nationality": COUNTRIES, "nation": COUNTRIES, "state": STATES, "region": STATES,
    "province": STATES, "county": STATES, "address": STREETS, "street": STREETS,
    "firstname": FIRST_NAMES, "lastname": LAST_NAMES, "surname": LAST_NAMES,
    "company": COMPANIES, "organization": COMPANIES, "organisation": COMPANIES, "employer": COMPANIES,
    "merchant": COMPANIES, "supplier": COMPANIES, "vendor": COMPANIES, "brand": BRANDS, "manufacturer": BRANDS,
    "make": BRANDS, "model": CARS, "vehicle": CARS, "car": CARS, "airport": AIRPORTS, "iata": AIRPORTS,
    "airline": AIRLINES, "carrier": AIRLINES, "currency": CURRENCIES, "base": CURRENCIES, "language": LANGUAGES,
    "lang": LANGUAGE_CODES, "locale": LOCALES, "timezone": TIMEZONES, "tz": TIMEZONES, "symbol": TICKERS,
    "ticker": TICKERS, "stock": TICKERS, "coin": COINS, "crypto": COINS, "color": COLORS, "colour": COLORS,
    "food": FOODS, "dish": FOODS, "meal": FOODS, "recipe": FOODS, "cuisine": CUISINES, "ingredient": INGREDIENTS,
    "ingredients": INGREDIENTS, "product": PRODUCTS, "item": PRODUCTS, "song": SONGS, "track": SONGS,
    "album": SONGS, "artist": ARTISTS, "singer": ARTISTS, "band": ARTISTS, "genre": GENRES, "movie": FILMS,
    "film": FILMS, "show": FILMS, "series": FILMS, "book": BOOKS, "team": TEAMS, "club": TEAMS, "league": LEAGUES,
    "competition": LEAGUES, "tournament": LEAGUES, "sport": SPORTS, "animal": ANIMALS, "breed": ANIMALS,
    "species": ANIMALS, "query": TOPICS, "q": TOPICS, "search": TOPICS, "keyword": TOPICS, "keywords": TOPICS,
    "term": TOPICS, "topic": TOPICS, "tag": TOPICS, "tags": TOPICS, "interest": TOPICS, "title": TITLES,
    "subject": TITLES, "headline": TITLES, "event": TITLES, "project": TITLES, "message": MESSAGES,
    "text": MESSAGES, "body": MESSAGES, "content": MESSAGES, "comment": MESSAGES, "note": MESSAGES,
    "notes": MESSAGES, "sentence": MESSAGES, "prompt": MESSAGES, "description": SENTENCES, "summary": SENTENCES,
    "details": SENTENCES, "overview": SENTENCES, "username": USERNAMES, "handle": USERNAMES, "login": USERNAMES,
    "file": FILES, "filename": FILES, "path": PATHS, "filepath": PATHS, "folder": FOLDERS, "directory": FOLDERS,
    "dir": FOLDERS, "branch": BRANCHES, "repo": REPOSITORIES, "repository": REPOSITORIES, "table": TABLES,
    "tables": TABLES, "column": COLUMNS, "columns": COLUMNS, "sheet": SHEETS, "cell": CELLS, "selector": SELECTORS,
    "command": COMMANDS, "doi": DOIS, "site": SITES, "character": CHARACTERS, "hero": CHARACTERS,
    "endpoint": ENDPOINTS, "category": CATEGORIES, "status": STATUSES,
    "domain": DOMAINS, "host": DOMAINS, "hostname": DOMAINS, "word": WORDS, "season": SEASONS,
    "condition": WEATHER, "conditions": WEATHER, "weather": WEATHER, "unit": UNITS, "units": UNITS,
    "job": JOBS, "occupation": JOBS, "profession": JOBS, "gender": GENDERS, "sex": GENDERS,
    "weekday": WEEKDAYS, "month": MONTHS,
}  # fmt: skip
"""Word that ends a field's name → what such a field may hold."""

SPOKEN_OF = dict.fromkeys(
    "package library module component plugin application app dataset image container service database chart".split(),
    REPOSITORIES,
) | {
    "exchange": ("NASDAQ", "NYSE", "Euronext"), "wallet": ("main wallet", "savings wallet"),
    "summoner": USERNAMES, "nickname": USERNAMES, "url": ("https://www.example.com/garden", "https://www.example.org/"),
    "selector": SELECTORS, "wiki": ("minecraft", "terraria"), "version": ("1.2.0", "2.0.1", "v1"),
}  # fmt: skip
"""Words of a description, beside those of names, that say what is meant."""

PEOPLE = frozenset(
    "name person author user contact customer guest passenger patient doctor attendee recipient sender host owner "
    "player actor actress director student teacher employee manager driver fullname assignee speaker".split()
)
"""Words for a person: a full name, where nothing says otherwise."""
