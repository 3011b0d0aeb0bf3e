package djinn.data.detection;

import djinn.ops.RunLengthMask;
import java.util.List;
import java.util.stream.IntStream;

/** The pixels of an object as its file tells them; a mask is made of them when it is asked for. */
public sealed interface Segmentation {

    /**
     * Draws the mask.
     *
     * @param height H of the image that the annotation is of
     * @param width W of it
     * @return (H, W)
     * @throws IllegalArgumentException if it cannot be drawn, or is of another size
     */
    RunLengthMask mask(int height, int width);

    /**
     * Outlines; pixels inside any are the object's.
     *
     * @param corners each x, y, x, y, ... of three corners or more
     * @param inShares whether they are shares of width and height, not pixels
     */
    record Outlines(List<List<Double>> corners, boolean inShares) implements Segmentation {

        /** Copies the lists. */
        public Outlines {
            corners = corners.stream().map(List::copyOf).toList();
        }

        @Override
        public RunLengthMask mask(int height, int width) {
            return RunLengthMask.ofPolygons(height, width, inShares ? inPixels(height, width) : corners);
        }

        private List<List<Double>> inPixels(int height, int width) {
            return corners.stream()
                    .map(outline -> IntStream.range(0, outline.size())
                            .mapToObj(i -> outline.get(i) * (i % 2 == 0 ? width : height))
                            .toList())
                    .toList();
        }
    }

    /**
     * Lengths of runs.
     *
     * @param height H
     * @param width W
     * @param counts background first, column by column
     */
    record Runs(int height, int width, List<Integer> counts) implements Segmentation {

        /** Copies the list. */
        public Runs {
            counts = List.copyOf(counts);
        }

        @Override
        public RunLengthMask mask(int imageHeight, int imageWidth) {
            return RunLengthMask.ofCounts(height, width, counts);
        }
    }

    /**
     * COCO's compressed lengths of runs.
     *
     * @param height H
     * @param width W
     * @param text the string
     */
    record RunText(int height, int width, String text) implements Segmentation {

        @Override
        public RunLengthMask mask(int imageHeight, int imageWidth) {
            return RunLengthMask.ofString(height, width, text);
        }
    }
}
