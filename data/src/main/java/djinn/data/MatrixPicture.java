package djinn.data;

import djinn.ops.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** A matrix of shares as a picture: a cell is the darker, the larger its share. */
public final class MatrixPicture {

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

    private final String title;
    private final Axis rows;
    private final Axis columns;
    private final Cells cells;
    private final int cell;
    private final boolean isNumbered;
    private final Font labels;
    private final Font numbers;
    private final Font headings;
    private final int every;

    /**
     * A side of the matrix.
     *
     * @param title what its names are
     * @param names one per row or column
     */
    public record Axis(String title, List<String> names) {

        /** Copies the list. */
        public Axis {
            names = List.copyOf(names);
        }
    }

    /** What is in the matrix. */
    public interface Cells {

        /** Returns a cell's share, from 0 to 1; 0 for one that stays empty. */
        double share(int row, int column);

        /** Returns what is written into a cell that is large enough; nothing if empty. */
        default String text(int row, int column) {
            return "";
        }

        /** Returns what shares are shares of. */
        String whole();
    }

    private MatrixPicture(String title, Axis rows, Axis columns, Cells cells) {
        this.title = title;
        this.rows = rows;
        this.columns = columns;
        this.cells = cells;
        int k = Math.max(rows.names.size(), columns.names.size());
        isNumbered = k <= MOST_NUMBERED;
        cell = k <= 4 ? 88 : k <= 12 ? 52 : isNumbered ? 34 : Math.max(1, 1200 / k);
        labels = new Font(Font.SANS_SERIF, Font.PLAIN, isNumbered ? 13 : 11);
        numbers = new Font(Font.SANS_SERIF, Font.PLAIN, k <= 12 ? 14 : 10);
        headings = new Font(Font.SANS_SERIF, Font.BOLD, 15);
        every = (labels.getSize() + 3 + cell - 1) / cell;
    }

    /**
     * Draws a matrix.
     *
     * @param title above it
     * @param rows from top to bottom
     * @param columns from left to right
     * @param cells what is in it
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(String title, Axis rows, Axis columns, Cells cells, Path file) {
        AtomicFile.writePng(file, new MatrixPicture(title, rows, columns, cells).image());
    }

    private BufferedImage image() {
        BufferedImage probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D measuring = probe.createGraphics();
        FontMetrics metrics = measuring.getFontMetrics(labels);
        int longestRow = widest(rows, metrics);
        int longestColumn = widest(columns, metrics);
        int titleWidth = measuring.getFontMetrics(headings).stringWidth(title);
        measuring.dispose();

        int line = headings.getSize() + 8;
        int left = MARGIN + line + longestRow + 8;
        int top = MARGIN + 2 * line;
        int across = cell * columns.names.size();
        int down = cell * rows.names.size();
        int scale = left + across + 2 * MARGIN;
        // the scale and its words
        int least = scaleLength() + 2 * labels.getSize() + 4;
        int width = Math.max(scale + SCALE_WIDTH + 60, left + titleWidth + MARGIN);
        int height = top + Math.max(down + 8 + longestColumn + line, least) + MARGIN;
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
        centred(graphics, columns.title, left + across / 2, height - MARGIN);
        turned(graphics, rows.title, MARGIN + headings.getSize(), top + down / 2);
        scale(graphics, scale, top);
        graphics.dispose();
        return image;
    }

    private static int widest(Axis axis, FontMetrics metrics) {
        return axis.names.stream()
                .mapToInt(name -> metrics.stringWidth(shown(name)))
                .max()
                .orElse(0);
    }

    private void cells(Graphics2D graphics, int left, int top) {
        graphics.setFont(numbers);
        FontMetrics metrics = graphics.getFontMetrics();
        int lift = (metrics.getAscent() - metrics.getDescent()) / 2;
        for (int row = 0; row < rows.names.size(); row++) {
            for (int column = 0; column < columns.names.size(); column++) {
                double share = cells.share(row, column);
                if (share == 0) {
                    continue;
                }
                int x = left + column * cell;
                int y = top + row * cell;
                graphics.setColor(colour(share));
                graphics.fillRect(x, y, cell, cell);
                if (isNumbered) {
                    graphics.setColor(share > WHITE_FROM ? Color.WHITE : Color.BLACK);
                    centred(graphics, cells.text(row, column), x + cell / 2, y + cell / 2 + lift);
                }
            }
        }
        graphics.setColor(GRID);
        int across = cell * columns.names.size();
        int down = cell * rows.names.size();
        for (int line = 0; line <= columns.names.size(); line += isNumbered ? 1 : columns.names.size()) {
            graphics.drawLine(left + line * cell, top, left + line * cell, top + down);
        }
        for (int line = 0; line <= rows.names.size(); line += isNumbered ? 1 : rows.names.size()) {
            graphics.drawLine(left, top + line * cell, left + across, top + line * cell);
        }
    }

    /** As many names as there is room for. */
    private void names(Graphics2D graphics, int left, int top) {
        graphics.setFont(labels);
        graphics.setColor(Color.BLACK);
        FontMetrics metrics = graphics.getFontMetrics();
        int lift = (metrics.getAscent() - metrics.getDescent()) / 2;
        for (int r = 0; r < rows.names.size(); r += every) {
            String name = shown(rows.names.get(r));
            graphics.drawString(name, left - 6 - metrics.stringWidth(name), top + r * cell + cell / 2 + lift);
        }
        int bottom = top + cell * rows.names.size();
        boolean level = columns.names.stream().allMatch(name -> metrics.stringWidth(shown(name)) < cell - 4);
        for (int c = 0; c < columns.names.size(); c += every) {
            String name = shown(columns.names.get(c));
            int middle = left + c * cell + cell / 2;
            int width = metrics.stringWidth(name);
            if (level) {
                centred(graphics, name, middle, bottom + 6 + metrics.getAscent());
            } else {
                Graphics2D rotated = (Graphics2D) graphics.create();
                rotated.rotate(-Math.PI / 2, middle + lift, bottom + 6 + width);
                rotated.drawString(name, middle + lift, bottom + 6 + width);
                rotated.dispose();
            }
        }
    }

    private int scaleLength() {
        return Math.min(cell * Math.max(rows.names.size(), columns.names.size()), 240);
    }

    private void scale(Graphics2D graphics, int x, int top) {
        int length = scaleLength();
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
        graphics.drawString(cells.whole(), x, top + length + 2 * labels.getSize());
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
