/** What the language features refuse, and why. */
import type { Phrases } from "../phrases.js";

export const REFUSALS: Phrases = {
  '"{0}" cannot name a question.': "„{0}“ kann keine Frage benennen.",
  "Use one word without a colon that does not start with @ or #.": "Nehmen Sie ein Wort ohne Doppelpunkt, das nicht mit @ oder # beginnt.",
  'Another question is called "{0}".': "Eine andere Frage heißt „{0}“.",
  "Choose a name that no question has.": "Wählen Sie einen Namen, den keine Frage hat.",
  "The id of a run is made from what its record says, so it has no other name.": "Die Kennung eines Laufs entsteht aus dem, was sein Vermerk sagt; darum hat er keinen anderen Namen.",
  "Ask again to get a record of its own.": "Fragen Sie erneut, um einen eigenen Vermerk zu bekommen.",
  "A cue would begin before the video does.": "Ein Untertitel würde vor dem Video beginnen.",
  "Shift by less, or select the cues after it.": "Verschieben Sie um weniger, oder markieren Sie die Untertitel dahinter.",
  "A cue would have a time that nothing can read.": "Ein Untertitel hätte eine Zeit, die niemand lesen kann.",
  "Use smaller numbers.": "Nehmen Sie kleinere Zahlen.",
  "{0} is no whole number of milliseconds.": "{0} ist keine ganze Zahl von Millisekunden.",
  "Give one.": "Geben Sie eine an.",
  "A point is no time of the video.": "Ein Punkt ist keine Zeit des Videos.",
  "Give whole milliseconds, 0 or more.": "Geben Sie ganze Millisekunden an, 0 oder mehr.",
  "Both points are the same time of the subtitles.": "Beide Punkte sind dieselbe Zeit der Untertitel.",
  "Choose two cues that lie apart.": "Wählen Sie zwei Untertitel, die auseinanderliegen.",
  "The two points would turn time around.": "Die zwei Punkte würden die Zeit umkehren.",
  "Give the points in the order in which they are heard.": "Geben Sie die Punkte in der Reihenfolge an, in der sie zu hören sind.",
  "There are no subtitles here.": "Hier gibt es keine Untertitel.",
  "Open a text with cues: a time, an arrow, a time, and below it the words.": "Öffnen Sie einen Text mit Untertiteln: eine Zeit, ein Pfeil, eine Zeit, und darunter die Worte.",
};
