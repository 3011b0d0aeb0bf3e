/** YAML files to records and back, every mistake told with its place and the nearest valid key. */
package djinn.config;
