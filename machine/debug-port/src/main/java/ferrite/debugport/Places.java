package ferrite.debugport;

import io.netty.channel.Channel;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The places of a port's clients. Clients that have to show a token have a share of their own until then, so strangers
 * cannot keep out a client that has it: beyond the share the oldest one is closed that has brought no token. Clients
 * that may only look have a share too. The port's one thread calls all methods.
 */
final class Places {

    static final int MAX_SERVED = 16;
    static final int MAX_ENTERING = 8;
    static final int MAX_LOOKING = 8;

    private final Set<Channel> served = new HashSet<>();
    private final Set<Channel> looking = new HashSet<>();
    /** Clients that have shown no token yet, oldest first, and whether a token of theirs waits for its comparison. */
    private final Map<Channel, BooleanSupplier> entering = new LinkedHashMap<>();

    /**
     * Gives a place to a client that has to show a token.
     *
     * @param hasToken tells whether the client has brought a token, which waits to be compared; it keeps its place then
     * @return false if there is none
     */
    boolean enter(Channel channel, BooleanSupplier hasToken) {
        if (entering.size() >= MAX_ENTERING && !evict()) {
            return false;
        }
        entering.put(channel, hasToken);
        channel.closeFuture().addListener(closed -> entering.remove(channel));
        return true;
    }

    private boolean evict() {
        for (Iterator<Map.Entry<Channel, BooleanSupplier>> all = entering.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Channel, BooleanSupplier> oldest = all.next();
            if (!oldest.getValue().getAsBoolean()) {
                all.remove();
                oldest.getKey().close();
                return true;
            }
        }
        return false;
    }

    /** Gives a place to a client that is served. Returns false if there is none. A second call does nothing. */
    boolean serve(Channel channel) {
        return take(served, MAX_SERVED, channel);
    }

    /** Gives a place to a client that may only look. Returns false if there is none. */
    boolean look(Channel channel) {
        return take(looking, MAX_LOOKING, channel);
    }

    private boolean take(Set<Channel> places, int max, Channel channel) {
        if (places.contains(channel)) {
            return true;
        }
        entering.remove(channel);
        if (places.size() >= max) {
            return false;
        }
        places.add(channel);
        channel.closeFuture().addListener(closed -> places.remove(channel));
        return true;
    }
}
