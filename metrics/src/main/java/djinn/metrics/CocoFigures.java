package djinn.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The twelve figures of COCO's detection challenge, each in [0, 1], or -1 where there is no ground truth for it.
 *
 * <p>Precision and recall are means over the IoU thresholds .50, .55, ... .95 where the name has none, over objects of
 * all sizes where the name has none, and over 100 detections per image and category where the name has no number.
 * Small is up to 32^2 square pixels, large from 96^2 on.
 *
 * @param ap average precision, the challenge's own figure
 * @param ap50 average precision at IoU .50
 * @param ap75 average precision at IoU .75
 * @param apSmall average precision of small objects
 * @param apMedium average precision of medium objects
 * @param apLarge average precision of large objects
 * @param ar1 recall by the best detection per image and category
 * @param ar10 recall by the best ten
 * @param ar100 recall by the best hundred
 * @param arSmall recall of small objects
 * @param arMedium recall of medium objects
 * @param arLarge recall of large objects
 */
public record CocoFigures(
        double ap,
        double ap50,
        double ap75,
        double apSmall,
        double apMedium,
        double apLarge,
        double ar1,
        double ar10,
        double ar100,
        double arSmall,
        double arMedium,
        double arLarge) {

    /** Returns the figures under COCO's names (AP, AP50, ... AR_large), in COCO's order. */
    public Map<String, Double> byName() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("AP", ap);
        figures.put("AP50", ap50);
        figures.put("AP75", ap75);
        figures.put("AP_small", apSmall);
        figures.put("AP_medium", apMedium);
        figures.put("AP_large", apLarge);
        figures.put("AR_1", ar1);
        figures.put("AR_10", ar10);
        figures.put("AR_100", ar100);
        figures.put("AR_small", arSmall);
        figures.put("AR_medium", arMedium);
        figures.put("AR_large", arLarge);
        return figures;
    }
}
