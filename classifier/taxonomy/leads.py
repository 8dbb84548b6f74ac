"""Lead words of Instructions in German, French, Spanish, Italian, Dutch and Portuguese.

Patterns for `re.VERBOSE | re.IGNORECASE`, alternatives of those for English in `instructions`.
"""

from __future__ import annotations

from typing import Final

_LOUD: Final = (
    r"(?:(?:strikt|streng|ausdr(?:ü|ue)cklich|strictement|formellement|express[ée]ment|estrictamente"
    r"|expresamente|rigorosamente|tassativamente|espressamente|uitdrukkelijk|estritamente"
    r"|expressamente)\s+)"
)
_THIS: Final = (
    r"(?:(?:diese|cette|esta|questa|deze|dieses|ce|este|questo|dit)\s+(?:kategorie|cat[ée]gorie"
    r"|categor[íi]a|categorie|tag|schlagwort|th[èe]me|tema|etiqueta|etichetta|label)\s+)"
)
_FOR: Final = (
    r"(?:\s+(?:f(?:ü|ue)r|bei|wenn|pour|si|quand|para|cuando|per|se|quando|voor|als|bij)\b)"
)

EXCLUDE: Final = rf"""
    {_LOUD}?(?:auszuschlie(?:ß|ss)en|ausschlie(?:ß|ss)en|ausgeschlossen
      |exclure|exclut|exclue?s?|excluir|excluye|exclu[íi]d[oa]s?|exclui
      |escludere|esclude|esclus[oaie]|uitsluiten|uitgesloten)\b
      (?:\s+(?:strictement|estrictamente|rigorosamente|tassativamente|estritamente))?
      (?:\s+(?:sind|werden|ist|wird|sont|est|son|sono|zijn|worden|s(?:ã|a)o)\b)?
  | (?:quedan?|à)\s+(?:excluid[oa]s?|exclure)\b
  | {_THIS}?nicht\s+(?:verwenden|benutzen|nutzen|vergeben)\b{_FOR}?
  | (?:verwende[nt]?|benutze[nt]?)\s+{_THIS}?nicht\b{_FOR}?
  | ne\s+pas\s+(?:utiliser|employer|inclure|attribuer)\b(?:\s+{_THIS}(?<=\s)|\s+)?(?:pour\b)?
  | (?:no|non|n(?:ã|a)o)\s+(?:usar|utilizar|utilice|incluir|asignar|usare|utilizzare|includere
      |assegnare|atribuir|utilize)\b(?:\s+{_THIS}(?<=\s)|\s+)?(?:(?:para|per|si|se)\b)?
  | n(?:ã|a)o\s+use\b(?:\s+{_THIS}(?<=\s)|\s+)?(?:para\b)?
  | {_THIS}?niet\s+(?:gebruiken|opnemen|toekennen)\b{_FOR}?
  | gebruik\s+{_THIS}?niet\b{_FOR}?
  | {_THIS}?(?:(?:umfasst|enth(?:ä|ae)lt)\s+(?:nicht|keine?)|omvat\s+(?:niet|geen)
      |(?:ne\s+comprend|ne\s+couvre|n['\u2019]inclut)\s+pas
      |(?:no|non|n(?:ã|a)o)\s+(?:incluye|abarca|cubre|comprende|copre|inclui|abrange|cobre))\b
  | (?:nicht\s+f(?:ü|ue)r|pas\s+pour|no\s+para|non\s+per|niet\s+voor|n(?:ã|a)o\s+para)\b
"""
"""After it, in the same sentence, comes what does not belong."""

EXCLUDE_TITLE: Final = r"""
    ausschl(?:ü|ue)sse\b | ausschlusskriterien\b | nicht\s+(?:enthalten|gemeint)\b
  | was\s+nicht\s+dazu\s?geh(?:ö|oe)rt\b | au(?:ß|ss)erhalb\s+des\s+themas\b
  | hors\s+(?:sujet|p[ée]rim[èe]tre)\b | exclusiones\b
  | fuera\s+del?\s+(?:alcance|[áa]mbito|tema)\b
  | esclusioni\b | fuori\s+(?:tema|ambito)\b | uitsluitingen\b | niet\s+inbegrepen\b
  | buiten\s+(?:het\s+)?(?:bereik|onderwerp)\b | exclus(?:õ|o)es\b
  | fora\s+do\s+(?:escopo|[âa]mbito|tema)\b
"""

EXCLUDE_TAIL: Final = r"""
    geh(?:ö|oe)r(?:t|en)\s+nicht\b
  | (?:sind|werden|ist|wird)\s+(?:strikt\s+|ausdr(?:ü|ue)cklich\s+)?
      (?:nicht\s+(?:enthalten|gemeint)|ausgeschlossen)\b
  | n['\u2019]ont\s+pas\s+leur\s+place\b | ne\s+f(?:ont|ait)\s+pas\s+partie\b
  | (?:sont|est)\s+exclu(?:e?s|e)?\b
  | no\s+(?:pertenecen?|corresponden?|forman?\s+parte)\b
  | (?:est[áa]n?|quedan?)\s+excluid[oa]s?\b
  | non\s+(?:appartengono|appartiene|rientra(?:no)?|fanno\s+parte)\b
  | (?:sono|è|vanno)\s+esclus[oaie]\b
  | hor(?:en|t)\s+(?:hier\s+)?niet\b | (?:zijn|is|worden|wordt)\s+uitgesloten\b
  | n(?:ã|a)o\s+(?:pertencem?|fazem\s+parte|se\s+enquadram?)\b
  | (?:s(?:ã|a)o|est(?:ã|a)o|ficam)\s+exclu[íi]d[oa]s?\b
"""
"""A sentence that says so of its subject."""

INCLUDE: Final = rf"""
    (?:(?:die|wichtige|wichtigsten?|zentralen?|relevanten?|geeigneten?)\s+)*
      (?:kern|haupt|schl(?:ü|ue)ssel)?(?:themen(?:bereiche)?|schwerpunkte)\b
  | (?:(?:les|principaux|principales)\s+)*(?:sujets|th[èe]mes|th[ée]matiques)\b
      (?:\s+(?:cl[ée]s?|clefs?|principaux|principales|essentiels|importants|abord[ée]s|pertinents)\b)*
  | (?:(?:los|gli|i|os|principales|principali|principais)\s+)*
      (?:temas|asuntos|argomenti|temi|tematiche|t[óo]picos|assuntos)\b
      (?:\s+(?:claves?|chiave|chave|principales|principali|principais|relevantes|rilevanti
        |importantes|importanti|centrais)\b)*
  | (?:(?:de|belangrijke|belangrijkste|relevante)\s+)*
      (?:(?:kern|hoofd|sleutel)?onderwerpen|(?:kern|hoofd)?thema['\u2019]?s)\b
  | {_THIS}?(?:umfasst|enth(?:ä|ae)lt|beinhaltet|behandelt|comprend|inclut|couvre|englobe|incluye
      |abarca|cubre|comprende|copre|riguarda|omvat|bevat|inclui|abrange|cobre|compreende)\b
  | (?:verwende[nt]?|benutze[nt]?|utiliser|employer|usar|utilizar|usare|utilizzare
      |gebruik(?:en)?|use)
      \s+{_THIS}?(?:f(?:ü|ue)r|bei|wenn|pour|para|per|voor)\b
  | was\s+dazu\s?geh(?:ö|oe)rt\b | (?:à|a)\s+inclure\b
"""

RETURN: Final = rf"""
    {_THIS}(?:umfasst|enth(?:ä|ae)lt|behandelt|comprend|inclut|couvre|incluye|abarca|cubre|include
      |comprende|copre|omvat|bevat|inclui|abrange|cobre)\b
"""
"""A sentence that speaks of what belongs again."""

LOUD: Final = (
    rf"{_LOUD}(?:auszuschlie|ausschlie|exclure|excluir|escludere|uitsluiten|uit\s+te\s+sluiten)"
)

FILLERS: Final = (
    # German
    r"|artikel|beitr(?:ä|ae)ge|das|dazu|dem|den|der|die|diese|dieser|ein|eine|einer|folgende[ns]?"
    r"|f(?:ü|ue)r|geh(?:ö|oe)ren|geh(?:ö|oe)rt|hier|im|inhalte|kategorie|mit|oder|seiten|sind|sollten"
    r"|texte|themen|über|um|umfassen|und|von|was|werden|wird|zu"
    # French
    r"|ce|cette|comprennent|contenus?|d|dans|de|des|du|est|et|incluent|l|la|le|les|ou|pour|qui"
    r"|sont|suivante?s?|sujets|sur|textes|une?|cat[ée]gorie"
    # Spanish, Italian, Portuguese
    r"|art[íi]culos|artigos|articoli|as|categor[íi]a|contenidos?|contenuti|conte(?:ú|u)dos?|da|del"
    r"|della|do|e|el|em|en|es|esta|gli|i|il|includono|incluem|incluyen|las|lo|los|o|os|p[áa]ginas"
    r"|pagine|para|per|questa|s(?:ã|a)o|seguenti|seguintes|siguientes|sobre|son|sono|su|temas|temi"
    r"|testi|textos|uma?|y"
    # Dutch
    r"|artikelen|berichten|categorie|deze|een|het|inhoud|omvatten|onderwerpen|over|pagina['\u2019]?s"
    r"|teksten|van|volgende|voor|zijn"
)
