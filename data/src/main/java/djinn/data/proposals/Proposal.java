package djinn.data.proposals;

import djinn.ops.Box;

/**
 * A box that may hold an object, of whatever class.
 *
 * @param box in pixels of the image
 * @param score the higher, the earlier it is to be looked at; of no other meaning
 */
public record Proposal(Box box, double score) {}
