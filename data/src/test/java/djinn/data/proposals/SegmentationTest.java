package djinn.data.proposals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Felzenszwalb and Huttenlocher's parts of an image. */
class SegmentationTest {

    private static Planes random(int height, int width, long seed) {
        Random random = new Random(seed);
        float[][] planes = new float[2][height * width];
        for (float[] plane : planes) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = random.nextFloat() * 255;
            }
        }
        return new Planes(height, width, planes);
    }

    /** Two flat halves, 100 apart: the tolerance of a half of 8 is k / 8. */
    @ParameterizedTest
    @CsvSource({"799, 1, 2", "801, 1, 1", "1, 8, 2", "1, 9, 1"})
    void halvesStayApartBelowTheToleranceOfTheirSize(int scale, int least, int expected) {
        float[] plane = new float[16];
        for (int i = 0; i < 16; i++) {
            plane[i] = i % 4 < 2 ? 50 : 150;
        }
        Segments segments = new PixelGraph(new Planes(4, 4, new float[][] {plane})).segments(scale, least);
        assertThat(segments.count()).isEqualTo(expected);
        if (expected == 2) {
            assertThat(segments.labels()).containsExactly(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1);
        }
    }

    /** A pair of pixels, as the paper has it. */
    private record Edge(double weight, int one, int other) {}

    /** The paper's predicate with parts as sets, and what is within each of them measured by its definition. */
    @ParameterizedTest
    @CsvSource({"60, 1, 1", "200, 4, 2", "900, 1, 3", "2500, 10, 4"})
    void partsAreThoseOfTheDefinition(int scale, int least, long seed) {
        int height = 9;
        int width = 11;
        Planes planes = random(height, width, seed);
        List<Edge> edges = new ArrayList<>();
        for (int one = 0; one < height * width; one++) {
            for (int other = one + 1; other < height * width; other++) {
                int down = other / width - one / width;
                int right = Math.abs(other % width - one % width);
                if (down <= 1 && right <= 1) {
                    double a = planes.plane(0)[one] - planes.plane(0)[other];
                    double b = planes.plane(1)[one] - planes.plane(1)[other];
                    edges.add(new Edge(Math.sqrt(a * a + b * b), one, other));
                }
            }
        }
        edges.sort(Comparator.comparingDouble(Edge::weight));
        List<Set<Integer>> parts = new ArrayList<>();
        List<List<Edge>> trees = new ArrayList<>();
        for (int i = 0; i < height * width; i++) {
            parts.add(new HashSet<>(Set.of(i)));
            trees.add(new ArrayList<>());
        }
        for (Edge edge : edges) {
            double tolerance = Math.min(within(parts, trees, edge.one, scale), within(parts, trees, edge.other, scale));
            if (edge.weight <= tolerance) {
                join(parts, trees, edge);
            }
        }
        for (Edge edge : edges) {
            if (Math.min(part(parts, edge.one).size(), part(parts, edge.other).size()) < least) {
                join(parts, trees, edge);
            }
        }
        Segments segments = new PixelGraph(planes).segments(scale, least);
        assertThat(segments.count()).isEqualTo(parts.size());
        for (Set<Integer> part : parts) {
            assertThat(part.stream().map(pixel -> segments.labels()[pixel]).distinct())
                    .hasSize(1);
        }
    }

    private static Set<Integer> part(List<Set<Integer>> parts, int pixel) {
        return parts.stream().filter(part -> part.contains(pixel)).findFirst().orElseThrow();
    }

    private static double within(List<Set<Integer>> parts, List<List<Edge>> trees, int pixel, int scale) {
        Set<Integer> part = part(parts, pixel);
        double most = trees.get(parts.indexOf(part)).stream()
                .mapToDouble(Edge::weight)
                .max()
                .orElse(0);
        return most + (double) scale / part.size();
    }

    private static void join(List<Set<Integer>> parts, List<List<Edge>> trees, Edge edge) {
        Set<Integer> one = part(parts, edge.one);
        Set<Integer> other = part(parts, edge.other);
        if (one.equals(other)) {
            return;
        }
        int from = parts.indexOf(other);
        List<Edge> tree = trees.remove(from);
        parts.remove(from);
        int to = parts.indexOf(one);
        parts.set(to, new HashSet<>(one));
        parts.get(to).addAll(other);
        trees.get(to).addAll(tree);
        trees.get(to).add(edge);
    }

    /** A single bright pixel becomes the Gaussian itself, and near an edge what left comes back in. */
    @Test
    void blurringIsAGaussian() {
        float[] plane = new float[15 * 15];
        plane[7 * 15 + 7] = 100;
        float[] blurred = new Planes(15, 15, new float[][] {plane}).smoothed(.8).plane(0);
        double[] weights = new double[4];
        for (int i = 0; i < 4; i++) {
            weights[i] = Math.exp(-i * i / 1.28);
        }
        double sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3]);
        assertThat(blurred[7 * 15 + 7]).isCloseTo((float) (100 / (sum * sum)), Offset.offset(1e-4f));
        assertThat(blurred[9 * 15 + 6])
                .isCloseTo((float) (100 * weights[1] * weights[2] / (sum * sum)), Offset.offset(1e-4f));
        float[] corner = new float[15];
        corner[0] = 100;
        float[] ofCorner =
                new Planes(1, 15, new float[][] {corner}).smoothed(.8).plane(0);
        assertThat(ofCorner[0]).isCloseTo((float) (100 * (weights[0] + weights[1]) / sum), Offset.offset(1e-4f));
        float all = 0;
        for (float value : ofCorner) {
            all += value;
        }
        assertThat(all).isCloseTo(100, Offset.offset(1e-3f));
    }
}
