package djinn.data;

import djinn.ops.Randomness;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A picture of what augmentations make of an image, to judge by eye whether its label stays true. */
public final class ContactSheet {

    private static final int EDGE = 160;
    private static final int GAP = 8;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    private final BufferedImage sheet;
    private final Graphics2D graphics;
    private int left = GAP;

    private ContactSheet(int width, int height) {
        sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(Color.BLACK);
        graphics.setFont(FONT);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    }

    /**
     * Pictures that go below each other.
     *
     * @param title above them
     * @param pictures each is drawn with the sheet's edge along its longer side
     */
    public record Column(String title, List<BufferedImage> pictures) {

        /** Copies the list. */
        public Column {
            pictures = List.copyOf(pictures);
        }

        /** Pictures of what a change of a recipe makes, under the name that the recipe gives it. */
        public static Column of(Record change, List<BufferedImage> pictures) {
            return new Column(named(change), pictures);
        }
    }

    /**
     * Draws a sheet: in the first column the image as it is validated, then for every augmentation by itself several
     * draws below its name, and last, if there is more than one, draws of all of them in order.
     *
     * @param image of any size
     * @param preprocessing what the model does to an image
     * @param augmentations in the order of the recipe
     * @param rows draws of each, at least 1
     * @param seed decides the draws
     * @return an RGB picture; every image is drawn with 160 pixels along its longer side
     * @throws IllegalArgumentException if there are no rows
     */
    public static BufferedImage of(
            Pixels image, Preprocessing preprocessing, List<Augmentation> augmentations, int rows, long seed) {
        LabelledImage example = new LabelledImage(image.withChannels(preprocessing.channels()), 0);
        List<Column> columns = columns(example, preprocessing, augmentations, rows, seed, one -> rgb(one.image()));
        return of(columns, preprocessing, rows, EDGE);
    }

    /**
     * Makes the columns of a sheet: the example as it is validated, then for every augmentation by itself several draws below
     * its name, and last, if there is more than one, draws of all of them in order.
     *
     * @param example of any size
     * @param preprocessing what the model does to an image
     * @param augmentations in the order of the recipe
     * @param rows draws of each, at least 1
     * @param seed decides the draws
     * @param drawing makes a picture of an example
     * @param <E> what an example is
     * @throws IllegalArgumentException if there are no rows
     */
    public static <E extends ImageExample<E>> List<Column> columns(
            E example,
            Preprocessing preprocessing,
            List<Augmentation> augmentations,
            int rows,
            long seed,
            Function<E, BufferedImage> drawing) {
        if (rows < 1) {
            throw new IllegalArgumentException("expected rows of at least 1, got " + rows);
        }
        List<Column> columns = new ArrayList<>();
        E fitted = example.changed(preprocessing.fitted(example.image()));
        columns.add(new Column("as it is", List.of(drawing.apply(fitted))));
        for (Augmentation augmentation : augmentations) {
            long own = Randomness.mix(seed, columns.size());
            columns.add(new Column(
                    named(augmentation),
                    draws(example, preprocessing, List.of(augmentation), rows, own).stream()
                            .map(drawing)
                            .toList()));
        }
        if (augmentations.size() > 1) {
            long own = Randomness.mix(seed, columns.size());
            columns.add(new Column(
                    "all in order",
                    draws(example, preprocessing, augmentations, rows, own).stream()
                            .map(drawing)
                            .toList()));
        }
        return columns;
    }

    /**
     * Draws a sheet.
     *
     * @param columns from left to right
     * @param preprocessing what the model does to an image: the proportions
     * @param rows the most pictures of a column
     * @param edge pixels along the longer side of a picture
     * @return an RGB picture
     */
    public static BufferedImage of(List<Column> columns, Preprocessing preprocessing, int rows, int edge) {
        double scale = (double) edge / Math.max(preprocessing.height(), preprocessing.width());
        int cellHeight = (int) Math.max(1, Math.round(scale * preprocessing.height()));
        int cellWidth = (int) Math.max(1, Math.round(scale * preprocessing.width()));
        FontMetrics metrics = new ContactSheet(1, 1).graphics.getFontMetrics();
        int width = GAP;
        for (Column column : columns) {
            width += Math.max(cellWidth, metrics.stringWidth(column.title)) + GAP;
        }
        ContactSheet sheet = new ContactSheet(width, metrics.getHeight() + 2 * GAP + rows * (cellHeight + GAP));
        for (Column column : columns) {
            sheet.draw(column, cellHeight, cellWidth);
        }
        sheet.graphics.dispose();
        return sheet.sheet;
    }

    private static <E extends ImageExample<E>> List<E> draws(
            E example, Preprocessing preprocessing, List<Augmentation> augmentations, int rows, long seed) {
        ImagePreparation<E> preparation = new ImagePreparation<>(preprocessing, augmentations);
        E first = preparation.prepare(example);
        List<E> draws = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            draws.add(preparation.change(first, new SplittableRandom(Randomness.mix(seed, row))));
        }
        return draws;
    }

    /** The name a recipe gives it. */
    private static String named(Object change) {
        String name = change.getClass().getSimpleName();
        return name.replaceFirst("^Scene", "")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    private void draw(Column column, int cellHeight, int cellWidth) {
        FontMetrics metrics = graphics.getFontMetrics();
        graphics.drawString(column.title, left, GAP + metrics.getAscent());
        int top = metrics.getHeight() + 2 * GAP;
        for (BufferedImage image : column.pictures) {
            // small images are shown pixel for pixel
            boolean enlarged = image.getHeight() < cellHeight;
            graphics.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION,
                    enlarged
                            ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                            : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(image, left, top, cellWidth, cellHeight, null);
            top += cellHeight + GAP;
        }
        left += Math.max(cellWidth, metrics.stringWidth(column.title)) + GAP;
    }

    /** Three channels, for grey pictures are taken for linear and would come out too bright. */
    private static BufferedImage rgb(Pixels image) {
        return image.withChannels(3).toBufferedImage();
    }
}
