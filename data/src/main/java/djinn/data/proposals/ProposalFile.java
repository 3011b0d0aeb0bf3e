package djinn.data.proposals;

import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Proposals of images in a file, a line of JSON for each image:
 *
 * <pre>{"image": "a/1.png", "width": 640, "height": 480, "boxes": [[x, y, w, h], ...], "scores": [0.9, ...]}</pre>
 *
 * <p>The image is called as the list of the data calls it, or by its path from the folder it is in; its size and the boxes
 * are those of the image the right way up, in pixels. Scores may be left out: boxes are then as they stand, the best first.
 */
public final class ProposalFile {

    /** What a line says: corners x, y, width, height, box by box, the best first. */
    private static final class Line {

        private final int height;
        private final int width;
        private final float[] corners;

        Line(int height, int width, float[] corners) {
            this.height = height;
            this.width = width;
            this.corners = corners;
        }
    }

    private final Path file;
    private final Map<String, Line> lines;
    private final String fingerprint;

    private ProposalFile(Path file, Map<String, Line> lines, String fingerprint) {
        this.file = file;
        this.lines = lines;
        this.fingerprint = fingerprint;
    }

    /** Returns a digest of what the file holds. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Returns how many images there are. */
    public int images() {
        return lines.size();
    }

    /**
     * Reads a file.
     *
     * @throws DataException if it is missing, a line is not as it should be, or two are of one image
     */
    public static ProposalFile read(Path file) {
        Map<String, Line> lines = new LinkedHashMap<>();
        String whole = TextFile.read(file);
        List<String> texts = whole.lines().toList();
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isBlank()) {
                String where = file + ", line " + (i + 1);
                JsonNode node = node(texts.get(i), where);
                String image = node.path("image").asString("");
                if (image.isEmpty()) {
                    throw new DataException(
                            where + ": expected \"image\", the name of the image, as djinn proposals" + " writes it");
                }
                if (lines.put(image, line(node, where + ", " + image)) != null) {
                    throw new DataException(where + ": expected one line for each image, found a second of " + image);
                }
            }
        }
        if (lines.isEmpty()) {
            throw new DataException(file + ": expected a line for each image, found none; djinn proposals writes them");
        }
        CRC32C digest = new CRC32C();
        digest.update(whole.getBytes(StandardCharsets.UTF_8));
        return new ProposalFile(file, lines, "crc32c:" + Long.toHexString(digest.getValue()));
    }

    private static JsonNode node(String text, String where) {
        try {
            JsonNode node = JsonMapper.shared().readTree(text);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw AtomicFile.unusable(
                    where + ": expected a JSON object, got what cannot be read: " + e.getOriginalMessage(), e);
        }
        throw new DataException(where + ": expected a JSON object");
    }

    private static Line line(JsonNode node, String where) {
        JsonNode boxes = node.path("boxes");
        JsonNode scores = node.path("scores");
        int height = node.path("height").asInt(0);
        int width = node.path("width").asInt(0);
        boolean fits = boxes.isArray()
                && (scores.isMissingNode() || (scores.isArray() && scores.size() == boxes.size()))
                && height > 0
                && width > 0;
        if (!fits) {
            throw new DataException(
                    where + ": expected \"width\" and \"height\" of the image, \"boxes\", a list of [x, y,"
                            + " w, h], and, if there are any, as many \"scores\"");
        }
        List<Integer> order = new ArrayList<>();
        double[] ranks = new double[boxes.size()];
        for (int i = 0; i < ranks.length; i++) {
            order.add(i);
            ranks[i] = scores.isMissingNode() ? 0 : -number(scores.get(i), where);
        }
        order.sort(Comparator.comparingDouble(i -> ranks[i]));
        float[] corners = new float[4 * ranks.length];
        int at = 0;
        for (int i : order) {
            JsonNode box = boxes.get(i);
            if (!box.isArray() || box.size() != 4) {
                throw new DataException(where + ": expected boxes as [x, y, w, h], got " + box);
            }
            for (JsonNode value : box) {
                corners[at++] = (float) number(value, where);
            }
            if (corners[at - 2] < 0 || corners[at - 1] < 0) {
                throw new DataException(where + ": expected boxes as [x, y, w, h], w and h at least 0, got " + box);
            }
        }
        return new Line(height, width, corners);
    }

    private static double number(JsonNode value, String where) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw new DataException(where + ": expected numbers, got " + value);
        }
        return value.asDouble();
    }

    /**
     * Requires that there are proposals for an image.
     *
     * @param image what the data calls it
     * @throws DataException if there are none
     */
    public void require(String image) {
        line(image);
    }

    private Line line(String image) {
        Line line = lines.get(image);
        if (line == null) {
            throw new DataException(file + ": expected proposals for the image " + image + ", found those of "
                    + lines.size() + " others, first "
                    + lines.keySet().iterator().next()
                    + "; is it of other data? djinn proposals writes a new one");
        }
        return line;
    }

    /**
     * Returns the boxes of an image.
     *
     * @param scene the image as it was read
     * @param most how many at most
     * @return the best, within the image, of some area; none if the file has none
     * @throws DataException if there is no line of the image, it is of another size, or all boxes lie outside
     */
    public List<Box> of(Scene scene, int most) {
        String image = scene.origin().name();
        Pixels pixels = scene.image();
        Line line = line(image);
        if (line.height != pixels.height() || line.width != pixels.width()) {
            throw new DataException(file + ": the proposals of " + image + " are of an image of " + line.height + "x"
                    + line.width + " (height x width), which is of " + pixels.height() + "x" + pixels.width()
                    + "; is it of other data?");
        }
        List<Box> boxes = new ArrayList<>();
        int all = line.corners.length / 4;
        for (int i = 0; i < all && boxes.size() < most; i++) {
            within(Arrays.copyOfRange(line.corners, 4 * i, 4 * i + 4), line).ifPresent(boxes::add);
        }
        if (boxes.isEmpty() && all > 0) {
            throw new DataException(file + ": all " + all + " proposals of " + image + " lie outside of it or have no"
                    + " area; are they x, y, w, h in pixels?");
        }
        return List.copyOf(boxes);
    }

    private static Optional<Box> within(float[] box, Line line) {
        double left = Math.max(0, box[0]);
        double top = Math.max(0, box[1]);
        double right = Math.min(line.width, (double) box[0] + box[2]);
        double bottom = Math.min(line.height, (double) box[1] + box[3]);
        return right > left && bottom > top ? Optional.of(Box.ofCorners(left, top, right, bottom)) : Optional.empty();
    }

    /**
     * Puts what is proposed of an image into a line of such a file.
     *
     * @param image what it is called
     * @param pixels the image
     * @param proposals of the image
     * @return JSON, positions to a hundredth of a pixel, without a line break
     */
    public static String line(String image, Pixels pixels, List<Proposal> proposals) {
        StringBuilder boxes = new StringBuilder();
        StringBuilder scores = new StringBuilder();
        for (Proposal proposal : proposals) {
            Box box = proposal.box();
            String comma = boxes.isEmpty() ? "" : ",";
            boxes.append(comma)
                    .append('[')
                    .append(text(box.x(), 100))
                    .append(',')
                    .append(text(box.y(), 100))
                    .append(',')
                    .append(text(box.width(), 100))
                    .append(',')
                    .append(text(box.height(), 100))
                    .append(']');
            scores.append(comma).append(text(proposal.score(), 1e6));
        }
        return "{\"image\":" + JsonMapper.shared().writeValueAsString(image) + ",\"width\":" + pixels.width()
                + ",\"height\":" + pixels.height() + ",\"boxes\":[" + boxes + "],\"scores\":[" + scores + "]}";
    }

    /** A number to a part of 1, as short as it can be. */
    private static String text(double value, double parts) {
        double rounded = Math.rint(value * parts) / parts;
        return rounded == Math.rint(rounded)
                ? String.format(Locale.ROOT, "%d", (long) rounded)
                : Double.toString(rounded);
    }
}
