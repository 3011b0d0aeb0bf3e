package djinn.tasks.points;

import djinn.data.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;

/**
 * A part of the plane as a picture: real points are grey, drawn ones red, and behind them the critic's values are shades,
 * bluish where it takes points for real and yellowish where it takes them for drawn.
 *
 * @param middle what is in the middle of the picture
 * @param reach how far it goes from there to each side
 */
record PointPicture(PointSource.Place middle, double reach) {

    /** Pixels to each side; the sheet that it is put on has a margin of 2. */
    private static final int SIZE = 356;

    /** Places to each side at which the critic is asked. */
    static final int PLACES = 89;

    private static final Color TAKEN_FOR_DRAWN = new Color(250, 230, 185);
    private static final Color UNDECIDED = new Color(250, 250, 250);
    private static final Color TAKEN_FOR_REAL = new Color(190, 214, 240);
    private static final Color REAL = new Color(96, 96, 96, 130);
    private static final Color DRAWN = new Color(205, 35, 45, 190);
    private static final Color LINES = new Color(0, 0, 0, 22);

    /** From the one end of the shades to the other. */
    private static final double STEPS = 16;

    private static final double REAL_SIZE = 5;
    private static final double DRAWN_SIZE = 4;

    /** Returns where the critic is asked, x and y of each place one behind the other, row by row from the top left. */
    float[] places() {
        float[] places = new float[2 * PLACES * PLACES];
        for (int row = 0; row < PLACES; row++) {
            for (int column = 0; column < PLACES; column++) {
                int at = 2 * (row * PLACES + column);
                places[at] = (float) (middle.x() + reach * ((2 * column + 1.) / PLACES - 1));
                places[at + 1] = (float) (middle.y() - reach * ((2 * row + 1.) / PLACES - 1));
            }
        }
        return places;
    }

    /**
     * Draws the picture.
     *
     * @param real points, x and y of each one behind the other
     * @param drawn points, in the same way
     * @param shades how real the critic takes the {@link #places()} to be, 0 to 1
     * @return RGB, square
     */
    Pixels draw(float[] real, float[] drawn, float[] shades) {
        BufferedImage picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        background(picture, shades);
        Graphics2D graphics = picture.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(LINES);
        for (int i = (int) Math.ceil(-reach); i <= reach; i++) {
            graphics.fillRect((int) Math.round(column(i)), 0, 1, SIZE);
            graphics.fillRect(0, (int) Math.round(row(i)), SIZE, 1);
        }
        dots(graphics, real, REAL, REAL_SIZE);
        dots(graphics, drawn, DRAWN, DRAWN_SIZE);
        graphics.dispose();
        return Pixels.of(picture, 3);
    }

    private double column(double x) {
        return (x - middle.x() + reach) / (2 * reach) * SIZE;
    }

    private double row(double y) {
        return (middle.y() + reach - y) / (2 * reach) * SIZE;
    }

    /** Shades between those of the places, in steps, as heights on a map. */
    private static void background(BufferedImage picture, float[] shades) {
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                double shade = Math.round(STEPS * shade(shades, x, y)) / STEPS;
                Color colour = shade < .5
                        ? between(TAKEN_FOR_DRAWN, UNDECIDED, 2 * shade)
                        : between(UNDECIDED, TAKEN_FOR_REAL, 2 * shade - 1);
                picture.setRGB(x, y, colour.getRGB());
            }
        }
    }

    /** The shade of a pixel, from those of the four places around it. */
    private static double shade(float[] shades, int x, int y) {
        double column = place(x);
        double row = place(y);
        int left = (int) Math.min(column, PLACES - 2);
        int top = (int) Math.min(row, PLACES - 2);
        int at = top * PLACES + left;
        double above = shades[at] + (column - left) * (shades[at + 1] - shades[at]);
        double below = shades[at + PLACES] + (column - left) * (shades[at + PLACES + 1] - shades[at + PLACES]);
        return Math.max(0, Math.min(1, above + (row - top) * (below - above)));
    }

    private static double place(int pixel) {
        return Math.max(0, Math.min(PLACES - 1, (pixel + .5) * PLACES / SIZE - .5));
    }

    private static Color between(Color from, Color to, double share) {
        return new Color(
                (int) Math.round(from.getRed() + share * (to.getRed() - from.getRed())),
                (int) Math.round(from.getGreen() + share * (to.getGreen() - from.getGreen())),
                (int) Math.round(from.getBlue() + share * (to.getBlue() - from.getBlue())));
    }

    private void dots(Graphics2D graphics, float[] points, Color colour, double size) {
        graphics.setColor(colour);
        for (int i = 0; i < points.length; i += 2) {
            graphics.fill(
                    new Ellipse2D.Double(column(points[i]) - size / 2, row(points[i + 1]) - size / 2, size, size));
        }
    }
}
