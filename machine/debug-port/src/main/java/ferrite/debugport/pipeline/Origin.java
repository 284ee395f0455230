package ferrite.debugport.pipeline;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a client comes from. What wrong tokens cost, delays and places, is paid by the clients of their origin. Those
 * of this process's user have an origin of their own, so other users of this host cannot keep them out.
 *
 * @param address of the client; all clients of this host have one
 * @param isOwn   whether the client is known to be of this process's user
 */
public record Origin(InetAddress address, boolean isOwn) {

    private static final AttributeKey<Origin> KEY = AttributeKey.valueOf(Origin.class, "origin");

    /**
     * Notes the origin of a new connection, and returns it.
     *
     * @param isLocal whether the client is known to be of this host
     * @param isOwn   whether it is known to be of this process's user
     */
    public static Origin note(Channel channel, boolean isLocal, boolean isOwn) {
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress client ? client.getAddress()
                : InetAddress.getLoopbackAddress();
        Origin origin = new Origin(isLocal || address.isLoopbackAddress() ? InetAddress.getLoopbackAddress() : address,
                isOwn);
        channel.attr(KEY).set(origin);
        return origin;
    }

    /** Returns the origin of a connection. */
    public static Origin of(Channel channel) {
        Origin known = channel.attr(KEY).get();
        return known == null ? note(channel, false, false) : known;
    }
}
