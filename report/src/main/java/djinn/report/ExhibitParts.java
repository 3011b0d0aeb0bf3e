package djinn.report;

import djinn.training.exhibit.Cloud;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Exhibits as the page reads them. */
final class ExhibitParts {

    private ExhibitParts() {}

    /**
     * Returns exhibits with their pictures.
     *
     * @param exhibits in their order
     * @param held the pictures of all galleries, one gallery behind the other
     */
    static List<Map<String, Object>> of(List<Exhibit> exhibits, List<PictureShelf.Held> held) {
        List<Map<String, Object>> parts = new ArrayList<>();
        int from = 0;
        for (Exhibit exhibit : exhibits) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("type", exhibit.getClass().getSimpleName().toLowerCase(Locale.ROOT));
            part.put("title", exhibit.title());
            part.put("note", exhibit.note());
            if (exhibit instanceof Gallery gallery) {
                int to = from + gallery.pictures().size();
                gallery(gallery, held.subList(from, to), part);
                from = to;
            } else if (exhibit instanceof Table table) {
                part.put("columns", table.columns());
                part.put("rows", table.rows());
            } else if (exhibit instanceof Matrix matrix) {
                part.put("names", matrix.names());
                part.put("counts", matrix.counts());
            } else if (exhibit instanceof Curves curves) {
                part.put("x", curves.x());
                part.put("y", curves.y());
                part.put("series", curves.series());
                part.put("diagonal", curves.hasDiagonal());
            } else if (exhibit instanceof Cloud cloud) {
                part.put("points", cloud.points());
            } else if (exhibit instanceof Passages passages) {
                part.put(
                        "passages",
                        passages.passages().stream().map(ExhibitParts::passage).toList());
            }
            parts.add(part);
        }
        return parts;
    }

    private static void gallery(Gallery gallery, List<PictureShelf.Held> held, Map<String, Object> part) {
        List<ShownPicture> shown = new ArrayList<>();
        for (int i = 0; i < held.size(); i++) {
            Gallery.Picture picture = gallery.pictures().get(i);
            shown.add(ShownPicture.of(picture.name(), picture.caption(), held.get(i), picture.verdict()));
        }
        part.put("pictures", shown);
        part.put("smaller", smaller(held));
    }

    /** One line about pictures that are held smaller than they were; empty if none is. */
    static String smaller(List<PictureShelf.Held> held) {
        List<PictureShelf.Held> some =
                held.stream().filter(PictureShelf.Held::isSmaller).toList();
        if (some.isEmpty()) {
            return "";
        }
        int side = some.stream()
                .mapToInt(one -> Math.max(one.width(), one.height()))
                .max()
                .getAsInt();
        int full = some.stream()
                .mapToInt(one -> Math.max(one.fullWidth(), one.fullHeight()))
                .max()
                .getAsInt();
        return some.size() + " of " + held.size() + " made smaller for this page: at most " + side
                + " pixels long, of up to " + full + ".";
    }

    private static Map<String, Object> passage(Passages.Passage passage) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("given", passage.given());
        part.put("expected", passage.expected());
        part.put("answered", passage.answered());
        part.put("caption", passage.caption());
        part.put("verdict", passage.verdict().name().toLowerCase(Locale.ROOT));
        return part;
    }
}
