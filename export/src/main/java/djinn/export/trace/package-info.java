/** Running a block once on arrays that write down what is done: graphs, and what can be read off them. */
package djinn.export.trace;
