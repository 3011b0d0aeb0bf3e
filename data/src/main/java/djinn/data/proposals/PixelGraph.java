package djinn.data.proposals;

import java.util.Arrays;

/**
 * Pixels that are joined to their eight neighbours, each pair by how far apart their colours are, and the parts such an
 * image falls into (Felzenszwalb and Huttenlocher 2004, "Efficient Graph-Based Image Segmentation", algorithm 1).
 */
final class PixelGraph {

    private static final int[] DOWN = {0, 1, 1, 1};
    private static final int[] RIGHT = {1, 0, 1, -1};

    private final int height;
    private final int width;

    /** The weight's bits, above 4 times the pixel and the direction: in ascending order, equal weights by place. */
    private final long[] edges;

    /** Sorts the pairs of an image, which was smoothed already. */
    PixelGraph(Planes planes) {
        height = planes.height();
        width = planes.width();
        long[] all = new long[4 * height * width];
        int count = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int way = 0; way < 4; way++) {
                    int x2 = x + RIGHT[way];
                    int y2 = y + DOWN[way];
                    if (x2 >= 0 && x2 < width && y2 < height) {
                        int at = y * width + x;
                        float apart = apart(planes, at, y2 * width + x2);
                        all[count++] = (long) Float.floatToIntBits(apart) << 32 | (4L * at + way);
                    }
                }
            }
        }
        edges = Arrays.copyOf(all, count);
        Arrays.sort(edges);
    }

    private static float apart(Planes planes, int one, int other) {
        double sum = 0;
        for (int c = 0; c < planes.count(); c++) {
            double difference = planes.plane(c)[one] - planes.plane(c)[other];
            sum += difference * difference;
        }
        return (float) Math.sqrt(sum);
    }

    /**
     * Joins, from the most alike on, what is no farther apart than each of both parts is within, and a tolerance that falls
     * with its size; then parts that are too small to what they are most alike.
     *
     * @param scale k, the tolerance of a single pixel: the larger, the larger the parts
     * @param least pixels of the smallest part, if the image has as many
     */
    Segments segments(double scale, int least) {
        Forest forest = new Forest(height * width);
        double[] most = new double[height * width];
        Arrays.fill(most, scale);
        for (long edge : edges) {
            int one = forest.root(from(edge));
            int other = forest.root(to(edge));
            float weight = Float.intBitsToFloat((int) (edge >>> 32));
            if (one != other && weight <= most[one] && weight <= most[other]) {
                int root = forest.join(one, other);
                most[root] = weight + scale / forest.size(root);
            }
        }
        for (long edge : edges) {
            int one = forest.root(from(edge));
            int other = forest.root(to(edge));
            if (one != other && Math.min(forest.size(one), forest.size(other)) < least) {
                forest.join(one, other);
            }
        }
        return forest.segments();
    }

    private static int from(long edge) {
        return (int) edge >>> 2;
    }

    private int to(long edge) {
        int way = (int) edge & 3;
        return from(edge) + DOWN[way] * width + RIGHT[way];
    }

    /** Pixels that were joined, each set under one of them. */
    private static final class Forest {

        private final int[] above;
        private final int[] sizes;

        Forest(int count) {
            above = new int[count];
            sizes = new int[count];
            Arrays.setAll(above, i -> i);
            Arrays.fill(sizes, 1);
        }

        int root(int at) {
            int place = at;
            while (above[place] != place) {
                above[place] = above[above[place]];
                place = above[place];
            }
            return place;
        }

        int size(int root) {
            return sizes[root];
        }

        int join(int one, int other) {
            int root = sizes[one] >= sizes[other] ? one : other;
            int below = root == one ? other : one;
            above[below] = root;
            sizes[root] += sizes[below];
            return root;
        }

        Segments segments() {
            int[] named = new int[above.length];
            Arrays.fill(named, -1);
            int[] labels = new int[above.length];
            int count = 0;
            for (int i = 0; i < labels.length; i++) {
                int root = root(i);
                if (named[root] < 0) {
                    named[root] = count++;
                }
                labels[i] = named[root];
            }
            return new Segments(labels, count);
        }
    }
}
