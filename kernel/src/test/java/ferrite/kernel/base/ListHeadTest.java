package ferrite.kernel.base;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListHeadTest {

    private final KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        fixture.close();
    }

    private interface OnList {
        void run(long head, long a, long b, long c);
    }

    private void onList(OnList body) {
        fixture.run(() -> {
            long head = fixture.zeroed(64);
            ListHead.init(fixture.memory(), head);
            body.run(head, head + 8, head + 16, head + 24);
        });
    }

    private List<Long> nodes(long head) {
        return ListHead.nodes(fixture.memory(), head, 100);
    }

    @Test
    void addsAtBothEndsAndTakesOutOfTheMiddle() {
        onList((head, a, b, c) -> {
            check(ListHead.isEmpty(fixture.memory(), head) && ListHead.first(fixture.memory(), head) == head,
                    "a new list is not empty");
            ListHead.addTail(fixture.memory(), b, head);
            ListHead.addTail(fixture.memory(), c, head);
            ListHead.add(fixture.memory(), a, head);
            check(nodes(head).equals(List.of(a, b, c)), "the order is " + nodes(head));
            ListHead.delete(fixture.memory(), b);
            check(nodes(head).equals(List.of(a, c)), "after the deletion " + nodes(head));
            check(ListHead.isEmpty(fixture.memory(), b), "a deleted node is on a list");
            ListHead.delete(fixture.memory(), b);
            check(nodes(head).equals(List.of(a, c)), "a second deletion changed the list");
            ListHead.delete(fixture.memory(), a);
            ListHead.delete(fixture.memory(), c);
            check(ListHead.isEmpty(fixture.memory(), head), "the list is not empty");
        });
    }

    @Test
    void aWalkOfACorruptListEnds() {
        onList((head, a, b, c) -> {
            ListHead.addTail(fixture.memory(), a, head);
            ListHead.addTail(fixture.memory(), b, head);
            fixture.memory().storeAddress(b, a);
            check(ListHead.nodes(fixture.memory(), head, 7).equals(List.of(a, b, a, b, a, b, a)), "the walk");
            check(ListHead.nodes(fixture.peek(), head, 0).isEmpty(), "no nodes at all");
        });
    }
}
