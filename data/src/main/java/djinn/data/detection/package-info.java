/** Images with boxes: readers of the formats that tools write, their parts, and batches of them. */
package djinn.data.detection;
