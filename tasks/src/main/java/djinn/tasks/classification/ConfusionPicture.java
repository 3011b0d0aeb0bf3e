package djinn.tasks.classification;

import djinn.metrics.ConfusionMatrix;
import djinn.ops.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A confusion matrix as a picture: rows are true classes, and a cell is the darker, the larger its share of its row. Cells
 * without samples are empty.
 */
public final class ConfusionPicture {

    private static final int MOST_NUMBERED = 40;
    private static final int LONGEST_LABEL = 24;
    private static final int MARGIN = 16;
    private static final int SCALE_WIDTH = 16;
    private static final int SCALE_STEPS = 100;
    private static final Color GRID = new Color(0xdddddd);
    private static final Color LIGHT = new Color(0xeaf2fa);
    private static final Color DARK = new Color(0x08306b);
    /** The share from which on a cell is so dark that its text is white. */
    private static final double WHITE_FROM = 0.5;

    private final ConfusionMatrix matrix;
    private final List<String> classes;
    private final String title;
    private final int cell;
    private final int side;
    private final Font labels;
    private final Font numbers;
    private final Font headings;
    private final int every;

    private ConfusionPicture(ConfusionMatrix matrix, List<String> classes, String title) {
        this.matrix = matrix;
        this.title = title;
        this.classes = classes;
        int k = classes.size();
        cell = k <= 4 ? 88 : k <= 12 ? 52 : k <= MOST_NUMBERED ? 34 : Math.max(1, 1200 / k);
        side = cell * k;
        labels = new Font(Font.SANS_SERIF, Font.PLAIN, k <= MOST_NUMBERED ? 13 : 11);
        numbers = new Font(Font.SANS_SERIF, Font.PLAIN, k <= 12 ? 14 : 10);
        headings = new Font(Font.SANS_SERIF, Font.BOLD, 15);
        every = (labels.getSize() + 3 + cell - 1) / cell;
    }

    /**
     * Draws a confusion matrix.
     *
     * @param matrix the counts
     * @param classes the names
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(ConfusionMatrix matrix, List<String> classes, Path file) {
        String title = String.format(
                Locale.ROOT, "Confusion matrix: %.2f %% of %,d right", 100 * matrix.accuracy(), matrix.samples());
        draw(matrix, classes, title, file);
    }

    /**
     * Draws a confusion matrix.
     *
     * @param matrix the counts
     * @param classes the names
     * @param title above it
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(ConfusionMatrix matrix, List<String> classes, String title, Path file) {
        AtomicFile.writePng(file, new ConfusionPicture(matrix, classes, title).image());
    }

    private BufferedImage image() {
        BufferedImage probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D measuring = probe.createGraphics();
        FontMetrics metrics = measuring.getFontMetrics(labels);
        int longest = classes.stream()
                .mapToInt(name -> metrics.stringWidth(shown(name)))
                .max()
                .orElse(0);
        int titleWidth = measuring.getFontMetrics(headings).stringWidth(title);
        measuring.dispose();

        int line = headings.getSize() + 8;
        int left = MARGIN + line + longest + 8;
        int top = MARGIN + 2 * line;
        int scale = left + side + 2 * MARGIN;
        int width = Math.max(scale + SCALE_WIDTH + 60, left + titleWidth + MARGIN);
        int height = top + side + 8 + longest + line + MARGIN;
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(Color.BLACK);
        graphics.setFont(headings);
        graphics.drawString(title, left, MARGIN + headings.getSize());
        cells(graphics, left, top);
        names(graphics, left, top);
        graphics.setFont(headings);
        centred(graphics, "predicted", left + side / 2, height - MARGIN);
        turned(graphics, "true", MARGIN + headings.getSize(), top + side / 2);
        scale(graphics, scale, top);
        graphics.dispose();
        return image;
    }

    private void cells(Graphics2D graphics, int left, int top) {
        int k = classes.size();
        graphics.setFont(numbers);
        FontMetrics metrics = graphics.getFontMetrics();
        int lift = (metrics.getAscent() - metrics.getDescent()) / 2;
        for (int label = 0; label < k; label++) {
            long row = 0;
            for (int predicted = 0; predicted < k; predicted++) {
                row += matrix.count(label, predicted);
            }
            for (int predicted = 0; predicted < k; predicted++) {
                long count = matrix.count(label, predicted);
                if (count == 0) {
                    continue;
                }
                double share = count / (double) row;
                int x = left + predicted * cell;
                int y = top + label * cell;
                graphics.setColor(colour(share));
                graphics.fillRect(x, y, cell, cell);
                if (k <= MOST_NUMBERED) {
                    graphics.setColor(share > WHITE_FROM ? Color.WHITE : Color.BLACK);
                    centred(graphics, Long.toString(count), x + cell / 2, y + cell / 2 + lift);
                }
            }
        }
        graphics.setColor(GRID);
        int step = k <= MOST_NUMBERED ? 1 : k;
        for (int line = 0; line <= k; line += step) {
            graphics.drawLine(left + line * cell, top, left + line * cell, top + side);
            graphics.drawLine(left, top + line * cell, left + side, top + line * cell);
        }
    }

    /** The names of as many classes as there is room for. */
    private void names(Graphics2D graphics, int left, int top) {
        graphics.setFont(labels);
        graphics.setColor(Color.BLACK);
        FontMetrics metrics = graphics.getFontMetrics();
        int lift = (metrics.getAscent() - metrics.getDescent()) / 2;
        boolean level = classes.stream().allMatch(name -> metrics.stringWidth(shown(name)) < cell - 4);
        for (int c = 0; c < classes.size(); c += every) {
            String name = shown(classes.get(c));
            int middle = c * cell + cell / 2;
            int width = metrics.stringWidth(name);
            graphics.drawString(name, left - 6 - width, top + middle + lift);
            if (level) {
                centred(graphics, name, left + middle, top + side + 6 + metrics.getAscent());
            } else {
                Graphics2D rotated = (Graphics2D) graphics.create();
                rotated.rotate(-Math.PI / 2, left + middle + lift, top + side + 6 + width);
                rotated.drawString(name, left + middle + lift, top + side + 6 + width);
                rotated.dispose();
            }
        }
    }

    private void scale(Graphics2D graphics, int x, int top) {
        int length = Math.min(side, 240);
        graphics.setFont(labels);
        for (int y = 0; y < length; y++) {
            graphics.setColor(colour(1 - y / (double) length));
            graphics.fillRect(x, top + y, SCALE_WIDTH, 1);
        }
        graphics.setColor(Color.BLACK);
        for (int percent = 0; percent <= SCALE_STEPS; percent += SCALE_STEPS / 4) {
            int y = top + length - length * percent / SCALE_STEPS;
            graphics.drawString(percent + " %", x + SCALE_WIDTH + 6, y + labels.getSize() / 2 - 1);
        }
        graphics.drawString("of the row", x, top + length + 2 * labels.getSize());
    }

    /** Small shares are seen too: a few of a class taken for another. */
    private static Color colour(double share) {
        double weight = Math.sqrt(share);
        return new Color(
                mixed(LIGHT.getRed(), DARK.getRed(), weight),
                mixed(LIGHT.getGreen(), DARK.getGreen(), weight),
                mixed(LIGHT.getBlue(), DARK.getBlue(), weight));
    }

    private static int mixed(int from, int to, double weight) {
        return (int) Math.round(from + (to - from) * weight);
    }

    private static String shown(String name) {
        return name.length() <= LONGEST_LABEL ? name : name.substring(0, LONGEST_LABEL - 1) + "…";
    }

    private static void centred(Graphics2D graphics, String text, int x, int y) {
        graphics.drawString(text, x - graphics.getFontMetrics().stringWidth(text) / 2, y);
    }

    private static void turned(Graphics2D graphics, String text, int x, int y) {
        Graphics2D rotated = (Graphics2D) graphics.create();
        int width = graphics.getFontMetrics().stringWidth(text);
        rotated.rotate(-Math.PI / 2, x, y + width / 2.0);
        rotated.drawString(text, x, y + width / 2);
        rotated.dispose();
    }
}
