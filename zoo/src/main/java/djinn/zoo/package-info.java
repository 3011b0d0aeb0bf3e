/** Reference architectures, one file each, and the table that names them. */
package djinn.zoo;
