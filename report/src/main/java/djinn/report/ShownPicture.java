package djinn.report;

import java.util.Locale;

/**
 * A picture of a page.
 *
 * @param name what it is of
 * @param caption a line about it; may be empty
 * @param source its address
 * @param width as it is held; 0 if nobody looked
 * @param height as it is held; 0 if nobody looked
 * @param verdict {@code right}, {@code wrong} or {@code none}
 */
record ShownPicture(String name, String caption, String source, int width, int height, String verdict) {

    static ShownPicture of(String name, String caption, PictureShelf.Held held, Enum<?> verdict) {
        return new ShownPicture(
                name,
                caption,
                held.source(),
                held.width(),
                held.height(),
                verdict.name().toLowerCase(Locale.ROOT));
    }
}
