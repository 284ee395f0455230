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

    private static final int NEXT = 0;
    private static final int PREV = 4;

    private ListHead() { }

    /** Makes an empty head, or a node that is on no list. */
    public static void init(KernelMemory memory, long head) {
        memory.storeAddress(head + NEXT, head);
        memory.storeAddress(head + PREV, head);
    }

    public static void add(KernelMemory memory, long node, long head) {
        insert(memory, node, head, memory.loadAddress(head + NEXT));
    }

    public static void addTail(KernelMemory memory, long node, long head) {
        insert(memory, node, memory.loadAddress(head + PREV), head);
    }

    private static void insert(KernelMemory memory, long node, long prev, long next) {
        memory.storeAddress(next + PREV, node);
        memory.storeAddress(node + NEXT, next);
        memory.storeAddress(node + PREV, prev);
        memory.storeAddress(prev + NEXT, node);
    }

    /** Takes a node off its list and initializes it, so that it is on no list. */
    public static void delete(KernelMemory memory, long node) {
        long next = memory.loadAddress(node + NEXT);
        long prev = memory.loadAddress(node + PREV);
        memory.storeAddress(next + PREV, prev);
        memory.storeAddress(prev + NEXT, next);
        init(memory, node);
    }

    public static boolean isEmpty(ReadableMemory memory, long head) {
        return memory.loadAddress(head + NEXT) == head;
    }

    /** Returns the first node; the head itself if the list is empty. */
    public static long first(ReadableMemory memory, long head) {
        return memory.loadAddress(head + NEXT);
    }

    public static long next(ReadableMemory memory, long node) {
        return memory.loadAddress(node + NEXT);
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
