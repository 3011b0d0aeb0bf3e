/** Public data sets: a catalogue of them, and the way from their publishers to a folder. */
package djinn.data.published;
