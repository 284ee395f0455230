package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Linux's circular doubly linked list. A head or node is two words, next and previous, each the address of another such
 * pair. The caller holds the lock that protects the list.
 */
public final class ListHead {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("list_head", SIZE);

    private static final Pointer NEXT = STRUCT.pointer("next", 0, "struct list_head");
    private static final Pointer PREV = STRUCT.pointer("prev", 4, "struct list_head");

    private ListHead() { }

    /** Makes an empty head, or a node that is on no list. */
    public static void init(KernelMemory memory, long head) {
        NEXT.set(memory, head, head);
        PREV.set(memory, head, head);
    }

    public static void add(KernelMemory memory, long node, long head) {
        insert(memory, node, head, NEXT.get(memory, head));
    }

    public static void addTail(KernelMemory memory, long node, long head) {
        insert(memory, node, PREV.get(memory, head), head);
    }

    private static void insert(KernelMemory memory, long node, long prev, long next) {
        PREV.set(memory, next, node);
        NEXT.set(memory, node, next);
        PREV.set(memory, node, prev);
        NEXT.set(memory, prev, node);
    }

    /** Takes a node off its list and initializes it, so that it is on no list. */
    public static void delete(KernelMemory memory, long node) {
        long next = NEXT.get(memory, node);
        long prev = PREV.get(memory, node);
        PREV.set(memory, next, prev);
        NEXT.set(memory, prev, next);
        init(memory, node);
    }

    /** {@code list_splice_init}: moves all nodes of a list to the front of another one. */
    public static void splice(KernelMemory memory, long from, long to) {
        if (isEmpty(memory, from)) {
            return;
        }
        long first = NEXT.get(memory, from);
        long last = PREV.get(memory, from);
        long next = NEXT.get(memory, to);
        PREV.set(memory, first, to);
        NEXT.set(memory, to, first);
        NEXT.set(memory, last, next);
        PREV.set(memory, next, last);
        init(memory, from);
    }

    public static boolean isEmpty(ReadableMemory memory, long head) {
        return NEXT.get(memory, head) == head;
    }

    /** Returns the first node; the head itself if the list is empty. */
    public static long first(ReadableMemory memory, long head) {
        return NEXT.get(memory, head);
    }

    /** Returns the last node; the head itself if the list is empty. */
    public static long last(ReadableMemory memory, long head) {
        return PREV.get(memory, head);
    }

    /** Returns the node before a node, or the head before the first node. */
    public static long prev(ReadableMemory memory, long node) {
        return PREV.get(memory, node);
    }

    /** Returns the node after a node, or the head after the last node. */
    public static long next(ReadableMemory memory, long node) {
        return NEXT.get(memory, node);
    }

    /** Lists the nodes, at most {@code limit} of them, so that the walk of a corrupt list ends. */
    public static List<Long> nodes(ReadableMemory memory, long head, int limit) {
        List<Long> nodes = new ArrayList<>();
        for (long node = first(memory, head); node != head && nodes.size() < limit; node = next(memory, node)) {
            nodes.add(node);
        }
        return nodes;
    }
}
