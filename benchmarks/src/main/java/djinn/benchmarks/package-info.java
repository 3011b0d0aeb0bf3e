/** JMH benchmarks of what Java computes for every image: {@code mvn -Pjmh -pl benchmarks -am -DskipTests verify}. */
package djinn.benchmarks;
