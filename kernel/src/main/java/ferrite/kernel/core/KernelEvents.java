package ferrite.kernel.core;

/**
 * The kernel's frequent events, for debuggers: stop reasons and traces listen here. The object belongs to the machine's
 * owner and outlives kernel objects, so that listeners stay when another kernel attaches.
 *
 * @param memory     allocations and frees of pages, slab objects and vmalloc areas
 * @param allocators steps inside the allocators of pages and slabs
 * @param tasks      switches and wake-ups
 * @param interrupts claims of device interrupts, by source
 */
public record KernelEvents(Tracepoint<MemoryEvent> memory, Tracepoint<AllocatorEvent> allocators,
        Tracepoint<TaskEvent> tasks, Tracepoint<Integer> interrupts) {

    /** Makes events without listeners. */
    public KernelEvents() {
        this(new Tracepoint<>(), new Tracepoint<>(), new Tracepoint<>(), new Tracepoint<>());
    }
}
