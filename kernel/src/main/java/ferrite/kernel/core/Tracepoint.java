package ferrite.kernel.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A place in the kernel at which a frequent event happens, as Linux's tracepoints. Without a listener an event costs
 * one comparison (law 8). Listeners are outside the machine. They only look, and change no run (law 5).
 *
 * @param <E> the event
 */
public final class Tracepoint<E> {

    private List<Consumer<E>> listeners = List.of();
    private boolean on;

    /** Tells whether an event reaches a listener. An event is prepared only then. */
    public boolean isOn() {
        return on;
    }

    /** Tells an event that happens now. A caller that a listener may halt calls {@code KernelCpu.haltHere} next. */
    public void tell(E event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    /** Adds a listener. Only the thread that holds the turn may call this, as all methods here. */
    public void add(Consumer<E> listener) {
        List<Consumer<E>> more = new ArrayList<>(listeners);
        more.add(listener);
        set(more);
    }

    /** Removes a listener, if it was added. */
    public void remove(Consumer<E> listener) {
        set(listeners.stream().filter(other -> other != listener).toList());
    }

    private void set(List<Consumer<E>> all) {
        listeners = List.copyOf(all);
        on = !listeners.isEmpty();
    }
}
