/** Words for invented companies, roles and notes. */

export const companyNames =
  'Nordlicht,Étoile Verte,Casa Jabalí,Blåbær,Quillfeather,Mistral,Kōyō,Sable & Finch,Tidewater,Ardoise,Ziegelhof,Łabędź,Palmyra,Hexagone,Junco,Marigold,Ostrich & Vale,Pinecrest,Saffron Lane,Yarrow'.split(
    ',',
  );

export const companyKinds =
  'Analytics,Logistik,Foods,Instruments,Textiles,Robotics,Clinics,Bicycles,Publishing,Energy,Architects,Optics'.split(
    ',',
  );

export const roles =
  'Head of Procurement,Product Manager,Software Engineer,Chief of Staff,Accountant,Sales Director,Data Scientist,Support Lead,Legal Counsel,Operations Manager,Designer,Founder,Researcher,Warehouse Lead,Press Officer'.split(
    ',',
  );

/** An empty note is as likely as any other: most people have none. */
export const notes = [
  '',
  '',
  '',
  '',
  'Met at the spring trade fair.',
  'Prefers a call before noon.',
  'Renewal is due next quarter.',
  'Asked for the price list in March.',
  'Introduced by the Lisbon office.',
  'On leave until further notice; write to the team.',
  'Wants fewer e-mails and longer ones.',
  'Speaks for the buying committee.',
];
