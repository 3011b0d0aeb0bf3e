package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import djinn.ops.BoxSelection;
import djinn.ops.NonMaximumSuppression;
import djinn.ops.Suppression;
import djinn.ops.TorchScript;

/**
 * What is chosen among boxes within a trace, of one image: each choice is one operation, kept whole, which ONNX has its own
 * for. Where nothing is chosen there is one row of zeros, so that what looks at the rows looks at something.
 */
final class BoxChoice {

    static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def apart(boxes: Tensor, iou: float) -> Tensor:
              x1, y1, x2, y2 = torch.unbind(boxes, 1)
              left = torch.maximum(torch.unsqueeze(x1, 1), torch.unsqueeze(x1, 0))
              upper = torch.maximum(torch.unsqueeze(y1, 1), torch.unsqueeze(y1, 0))
              right = torch.minimum(torch.unsqueeze(x2, 1), torch.unsqueeze(x2, 0))
              lower = torch.minimum(torch.unsqueeze(y2, 1), torch.unsqueeze(y2, 0))
              width = torch.clamp_min(torch.sub(right, left), 0.)
              shared = torch.mul(width, torch.clamp_min(torch.sub(lower, upper), 0.))
              area = torch.mul(torch.sub(x2, x1), torch.sub(y2, y1))
              all = torch.sub(torch.add(torch.unsqueeze(area, 1), torch.unsqueeze(area, 0)), shared)
              over = torch.triu(torch.gt(torch.div(shared, all), iou), 1)
              # a box stays that no better one that stays overlaps: after each round one more is settled for good
              stays = torch.ones_like(x1, dtype=11)
              before = torch.zeros_like(stays)
              while not torch.equal(stays, before):
                before = stays
                stays = torch.logical_not(torch.any(torch.logical_and(over, torch.unsqueeze(before, 1)), 0))
              return torch.flatten(torch.nonzero(stays))

            def djinn_proposals(logits: Tensor, boxes: Tensor, levels: List[int], each: List[int], iou: float, most: int, least: float, smallest: float) -> Tensor:
              logit = annotate(List[Tensor], [])
              proposed = annotate(List[Tensor], [])
              start = 0
              for i in range(torch.len(levels)):
                end = start + levels[i]
                top, index = torch.topk(torch.slice(torch.select(logits, 0, 0), 0, start, end), each[i], 0, True, True)
                score = torch.sigmoid(top)
                box = torch.index_select(torch.slice(torch.select(boxes, 0, 0), 0, start, end), 0, index)
                start = end
                sides = torch.sub(torch.slice(box, 1, 2, 4), torch.slice(box, 1, 0, 2))
                fit = torch.logical_and(torch.all(torch.ge(sides, smallest), 1), torch.ge(score, least))
                left = torch.flatten(torch.nonzero(fit))
                own = torch.index_select(left, 0, self.apart(torch.index_select(box, 0, left), iou))
                logit = torch.append(logit, torch.index_select(top, 0, own))
                proposed = torch.append(proposed, torch.index_select(box, 0, own))
              falling, order = torch.sort(torch.cat(logit, 0), stable=True, dim=0, descending=True)
              best = torch.index_select(torch.cat(proposed, 0), 0, torch.slice(order, 0, 0, most))
              if torch.size(best, 0) == 0:
                best = torch.new_zeros(best, [1, 4])
              return torch.constant_pad_nd(best, [1, 0])

            def djinn_selection(boxes: Tensor, scores: Tensor, least: float, iou: float, most: int) -> Tensor:
              own = torch.select(scores, 0, 0)
              classes = torch.size(own, 1)
              corners = torch.reshape(boxes, [-1, 4])
              kept = annotate(List[Tensor], [])
              for label in range(classes):
                score = torch.select(own, 1, label)
                above = torch.flatten(torch.nonzero(torch.gt(score, least)))
                falling, order = torch.sort(torch.index_select(score, 0, above), stable=True, dim=0, descending=True)
                rows = torch.add(torch.mul(torch.index_select(above, 0, order), classes), label)
                stays = self.apart(torch.index_select(corners, 0, rows), iou)
                kept = torch.append(kept, torch.index_select(rows, 0, stays))
              all, places = torch.sort(torch.cat(kept, 0))
              values = torch.flatten(own)
              score, order = torch.sort(torch.index_select(values, 0, all), stable=True, dim=0, descending=True)
              best = torch.index_select(all, 0, torch.slice(order, 0, 0, most))
              if torch.size(best, 0) == 0:
                return torch.new_zeros(corners, [1, 6])
              label = torch.type_as(torch.unsqueeze(torch.remainder(best, classes), 1), corners)
              chosen = torch.unsqueeze(torch.index_select(values, 0, best), 1)
              return torch.cat([label, chosen, torch.index_select(corners, 0, best)], 1)
            """);

    private BoxChoice() {}

    /**
     * Selects the boxes of one image as {@link BoxSelection#select} does.
     *
     * @param decoded boxes (1, A, K, 4) and scores (1, A, K)
     * @param rule by thresholds alone
     * @return (D, 6) by falling score: the label, the score, x1, y1, x2, y2
     * @throws IllegalArgumentException if the rule counts candidates, has labels compete, or suppresses otherwise
     */
    static NDArray selected(Decoded decoded, BoxSelection rule) {
        if (!rule.isByThresholdsAlone() || !rule.suppression().equals(Suppression.NMS)) {
            throw new IllegalArgumentException(
                    "expected a selection by thresholds and plain suppression in a trace of masks, got " + rule);
        }
        return SCRIPT.call(
                "djinn_selection",
                decoded.boxes(),
                decoded.scores(),
                NonMaximumSuppression.atMost(rule.scoreThreshold()),
                NonMaximumSuppression.atMost(rule.iouThreshold()),
                rule.most());
    }
}
