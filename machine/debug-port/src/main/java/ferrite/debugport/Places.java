package ferrite.debugport;

import ferrite.debugport.pipeline.Origin;
import io.netty.channel.Channel;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The places of a port's clients. Clients that have to show a token have a share of their own until then, so strangers
 * cannot keep out a client that has it: beyond the share the oldest one is closed that has brought no token, or else
 * one of the origin that has most places. Clients that may only look have a share too. The port's one thread calls all
 * methods.
 */
final class Places {

    static final int MAX_SERVED = 16;
    static final int MAX_ENTERING = 8;
    static final int MAX_LOOKING = 8;

    private final Set<Channel> served = new HashSet<>();
    private final Set<Channel> looking = new HashSet<>();
    /** Clients that have shown no token yet, oldest first. */
    private final Map<Channel, Entering> entering = new LinkedHashMap<>();

    /** @param hasToken tells whether a token of the client waits for its comparison */
    private record Entering(Origin origin, BooleanSupplier hasToken) { }

    /**
     * Gives a place to a client that has to show a token.
     *
     * @param hasToken tells whether the client has brought a token, which waits to be compared
     * @return false if there is none
     */
    boolean enter(Channel channel, Origin origin, BooleanSupplier hasToken) {
        if (entering.size() >= MAX_ENTERING && !evictSilent() && !evictFromCrowd(origin)) {
            return false;
        }
        entering.put(channel, new Entering(origin, hasToken));
        channel.closeFuture().addListener(closed -> entering.remove(channel));
        return true;
    }

    private boolean evictSilent() {
        return evict(client -> !client.hasToken.getAsBoolean());
    }

    /** Makes room for a client of an origin that has fewer places than another. */
    private boolean evictFromCrowd(Origin origin) {
        Map<Origin, Long> places = entering.values().stream().collect(
                Collectors.groupingBy(Entering::origin, LinkedHashMap::new, Collectors.counting()));
        Map.Entry<Origin, Long> crowd = Collections.max(places.entrySet(), Map.Entry.comparingByValue());
        return crowd.getValue() > places.getOrDefault(origin, 0L) + 1
                && evict(client -> client.origin.equals(crowd.getKey()));
    }

    private boolean evict(Predicate<Entering> leaves) {
        for (Iterator<Map.Entry<Channel, Entering>> all = entering.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Channel, Entering> oldest = all.next();
            if (leaves.test(oldest.getValue())) {
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
