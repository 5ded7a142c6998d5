/** Invented people of Europe: words that are combined at random. */
import { branchOfficePhone, type Region } from './region.ts';

export const regionsOfEurope: Region[] = [
  {
    country: 'United Kingdom',
    cities: ['London', 'Leeds', 'Aberystwyth'],
    phone: '+44 20 7946 0###',
    given: 'Imogen Rhys Siân Callum Zadie Alasdair Morwenna Tobias'.split(' '),
    family: 'Ashdown Pritchard MacAulay Thistlewood Okonedo Fairclough Penhallow Wycombe'.split(' '),
  },
  {
    country: 'Ireland',
    cities: ['Dublin', 'Galway', 'Cork'],
    phone: '+353 20 913 ####',
    given: 'Aoife Cillian Róisín Tadhg Sorcha Pádraig Órlaith Fionn'.split(' '),
    family: "Ó Súilleabháin,Nic Dhonnacha,MacGiolla,O'Rahilly,Ní Bhriain,Devaney,Mac Cárthaigh,Tierney".split(
      ',',
    ),
  },
  {
    country: 'France',
    cities: ['Lyon', 'Besançon', 'Saint-Étienne'],
    phone: '+33 1 99 00 ## ##',
    given: 'Anaïs Gaëtan Océane Théophile Maëlys Rémi Zoé Loïc'.split(' '),
    family: 'Lefèvre Marchandeau Béranger Desrosiers Fournel Châtelain Guérinot Quévremont'.split(' '),
  },
  {
    country: 'Germany',
    cities: ['Köln', 'Leipzig', 'Würzburg'],
    phone: '+49 30 23125 ###',
    given: 'Jürgen Friederike Björn Käthe Sören Annegret Matthäus Leonie'.split(' '),
    family: 'Großmann Weißhaupt Müllenhoff Schäfer Köhlbrand Eichendorf Übelacker Brückner'.split(' '),
  },
  {
    country: 'Sweden',
    cities: ['Malmö', 'Gävle', 'Umeå'],
    phone: '+46 8 465 004 ##',
    given: 'Åsa Göran Linnéa Håkan Ebba Sixten Märta Tove'.split(' '),
    family: 'Sjöberg Nordenfalk Åkerlund Hällström Lindqvist Öberg Wallenius Björnström'.split(' '),
  },
  {
    country: 'Denmark',
    cities: ['Aarhus', 'Køge', 'Ærøskøbing'],
    phone: branchOfficePhone,
    given: 'Søren Mette Jørgen Freja Åge Signe Rasmus Kirstine'.split(' '),
    family: 'Østergaard Kjærgaard Mølholm Bækgaard Skovgård Lundbye Højrup Ravnsborg'.split(' '),
  },
  {
    country: 'Iceland',
    cities: ['Reykjavík', 'Akureyri', 'Ísafjörður'],
    phone: branchOfficePhone,
    given: 'Þórdís Eiður Guðrún Sæmundur Birna Ásgeir Hrafnhildur Kári'.split(' '),
    family:
      'Jónsdóttir Þorvaldsson Ægisdóttir Hallgrímsson Sigurðardóttir Einarsson Bjarkadóttir Óskarsson'.split(
        ' ',
      ),
  },
  {
    country: 'Poland',
    cities: ['Łódź', 'Kraków', 'Gdańsk'],
    phone: branchOfficePhone,
    given: 'Łukasz Małgorzata Świętosław Żaneta Bożena Michał Grażyna Kacper'.split(' '),
    family: 'Wiśniewski Łączyńska Dąbrowicz Źródłowska Krzyżanek Pawłowicz Śliwa Jabłonowicz'.split(' '),
  },
  {
    country: 'Czechia',
    cities: ['Brno', 'Plzeň', 'Ústí nad Labem'],
    phone: branchOfficePhone,
    given: 'Jiří Božena Ondřej Růžena Matěj Zdeňka Vojtěch Eliška'.split(' '),
    family: 'Dvořáček Hruška Šťastný Kovářová Říhová Pospíchal Čermáková Žižkovský'.split(' '),
  },
  {
    country: 'Spain',
    cities: ['Málaga', 'A Coruña', 'San Sebastián'],
    phone: branchOfficePhone,
    given: 'Íñigo Begoña Álvaro Concepción Martí Nerea Joaquín Xiomara'.split(' '),
    family: 'Ibáñez Peñarroya Goikoetxea Núñez Castellví Muñiz Echevarría Valdivieso'.split(' '),
  },
  {
    country: 'Portugal',
    cities: ['Évora', 'Guimarães', 'Faro'],
    phone: branchOfficePhone,
    given: 'João Conceição Inês Gonçalo Luísa Tomás Assunção Mário'.split(' '),
    family: 'Magalhães Guimarães Falcão Simões Araújo Vilaça Bragança Leitão'.split(' '),
  },
  {
    country: 'Greece',
    cities: ['Thessaloniki', 'Patras', 'Heraklion'],
    phone: branchOfficePhone,
    given: 'Eleni|Ελένη Stavros|Σταύρος Despina|Δέσποινα Lefteris|Λευτέρης Zoe|Ζωή Pavlos|Παύλος'.split(' '),
    family:
      'Karamitsou|Καραμήτσου Vlachos|Βλάχος Melissinos|Μελισσηνός Drakou|Δράκου Sotiriou|Σωτηρίου'.split(' '),
  },
  {
    country: 'Ukraine',
    cities: ['Lviv', 'Odesa', 'Chernihiv'],
    phone: branchOfficePhone,
    given: 'Oksana|Оксана Taras|Тарас Yaryna|Ярина Bohdan|Богдан Solomiia|Соломія Ostap|Остап'.split(' '),
    family: 'Kovalchuk|Ковальчук Melnychenko|Мельниченко Hrytsenko|Гриценко Zoria|Зоря Dovbush|Довбуш'.split(
      ' ',
    ),
  },
];
