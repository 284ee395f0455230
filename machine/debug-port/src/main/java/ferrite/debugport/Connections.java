package ferrite.debugport;

import ferrite.debugport.gdb.GdbHandler;
import ferrite.debugport.http.HttpService;
import ferrite.debugport.pipeline.Origin;
import ferrite.debugport.pipeline.Tokens;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Handler of new connections: it gives each one a place and lays out its pipeline.
 *
 * <pre>
 *   TlsGate           only with TLS; replaced, after the client's first byte, by TLS itself
 *   TokenGate         only with a token; replaced, after the right token or by an HTTP request, by
 *   ProtocolChooser   replaced, after the client's first bytes, by the handler of its protocol
 *   FullPort          in place of both, beyond the limit
 *   LastResort        closes a connection after any failure
 * </pre>
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<SocketChannel> {

    /** Connections of all kinds from one origin, with those that are told that the port is full. */
    private static final int MAX_OPEN = 3 * Places.MAX_SERVED;
    /** Those from all origins but the own one. */
    private static final int MAX_OF_ALL = 4 * MAX_OPEN;

    private static final String FULL = "the debug port serves at most " + Places.MAX_SERVED
            + " clients at once, and has as many; end one of them and try again";
    private static final String FULL_OF_TOKENS = "the debug port compares the tokens of " + Places.MAX_ENTERING
            + " clients, and wrong ones slow it down; try again";
    private static final String FULL_OF_ONLOOKERS = "the debug port serves at most " + Places.MAX_LOOKING
            + " clients without its token at once, and has as many; try again, or begin with the line 'token T'";

    private final DebugAccess access;
    private final DebugServices services;
    private final HttpService http;
    private final ChannelGroup leaving;
    private final GdbHandler.Clients debuggers;
    private final Places places = new Places();
    private final Tokens tokens;
    /** The connections of each origin. Only the port's one thread counts them. */
    private final Map<Origin, Integer> open = new HashMap<>();

    /**
     * Creates a handler.
     *
     * @param tokens  compares the clients' tokens; null if the port has none
     * @param http    serves HTTP, or null
     * @param leaving receives the clients that were told of the machine's end
     */
    Connections(DebugAccess access, DebugServices services, Tokens tokens, HttpService http, ChannelGroup leaving) {
        this.access = access;
        this.services = services;
        this.tokens = tokens;
        this.http = http;
        this.leaving = leaving;
        this.debuggers = services.target() == null ? null : new GdbHandler.Clients(services.target());
    }

    /** Has the machine's thread make what every debugger asks for, before the first one comes. */
    void prepareForDebuggers() {
        try {
            services.machine().execute(debuggers::prepare);
        } catch (RejectedExecutionException ended) {
            // no debugger will come
        }
    }

    /** Returns the number of debuggers that have connected so far. Any thread may call this. */
    int arrivals() {
        return debuggers.arrivals();
    }

    /** Tells debuggers that the run has ended. The machine's thread calls this. */
    void endedForDebuggers(int status) {
        if (debuggers != null) {
            debuggers.ended(status);
        }
    }

    /** Tells the clients of the event stream that the run has ended. The port's thread calls this. */
    void endedForEvents(int status) {
        if (http != null) {
            http.ended(status, leaving);
        }
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        LocalClients.User user = access.locals() == null ? LocalClients.User.GONE
                : access.locals().user(channel.remoteAddress(), channel.localAddress());
        Origin origin = Origin.note(channel, user != LocalClients.User.GONE, user == LocalClients.User.OWN);
        open.merge(origin, 1, Integer::sum);
        channel.closeFuture().addListener(closed -> open.computeIfPresent(origin, (same, n) -> n == 1 ? null : n - 1));
        if (open.get(origin) > MAX_OPEN || !origin.isOwn() && openToOthers() > MAX_OF_ALL) {
            channel.close(); // too many for even a sentence to each
            return;
        }
        ChannelHandler first = access.token() == null ? servedHandler(channel) : gate(channel, user);
        if (access.tls() != null) {
            channel.pipeline().addLast(new TlsGate(access.tls()));
        }
        channel.pipeline().addLast(first, new LastResort());
    }

    private int openToOthers() {
        return open.entrySet().stream().filter(some -> !some.getKey().isOwn()).mapToInt(Map.Entry::getValue).sum();
    }

    private ChannelHandler servedHandler(SocketChannel channel) {
        return places.serve(channel) ? chooser(channel) : new FullPort(http, FULL);
    }

    private ProtocolChooser chooser(SocketChannel channel) {
        return new ProtocolChooser(services,
                rights -> new AttachHandler(services.prompt(), services.machine(), leaving, rights), http, debuggers,
                () -> access.guarded() || places.serve(channel));
    }

    private ChannelHandler gate(SocketChannel channel, LocalClients.User user) {
        Rights otherwise = !access.guarded() ? null
                : switch (user) {
                    case OWN -> Rights.CONTROL;
                    case GONE, OTHER -> Rights.LOOK;
                };
        TokenGate gate = new TokenGate(tokens, access.gdbOpen(), otherwise, chooser(channel),
                rights -> admit(channel, rights));
        if (otherwise == Rights.CONTROL) {
            return places.serve(channel) ? gate : new FullPort(http, FULL);
        }
        return places.enter(channel, Origin.of(channel), gate::hasToken) ? gate : new FullPort(http, FULL_OF_TOKENS);
    }

    /** Gives a client a place. Returns the reason why not, or null. */
    private String admit(SocketChannel channel, Rights rights) {
        if (!rights.include(Rights.CONTROL)) {
            return places.look(channel) ? null : FULL_OF_ONLOOKERS;
        }
        return places.serve(channel) ? null : FULL;
    }
}
