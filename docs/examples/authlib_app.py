# Flask and Authlib: sign-in, claims, sign-out.
import os
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, session, url_for

app = Flask(__name__)
app.secret_key = os.environ["COOKIE_SECRET"]
app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")

oauth = OAuth(app)
oauth.register(
    "laissez_passer",
    server_metadata_url=os.environ["ISSUER_URL"] + "/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email cip", "code_challenge_method": "S256"},
)


@app.get("/")
def home():
    if "person" not in session:
        return redirect("/login")
    return jsonify(cip=session["person"]["cip"], name=session["person"]["name"])


@app.get("/login")
def login():
    return oauth.laissez_passer.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    token = oauth.laissez_passer.authorize_access_token()
    session["person"] = oauth.laissez_passer.userinfo(token=token)
    session["id_token"] = token["id_token"]
    return redirect("/")


@app.post("/logout")
def logout():
    id_token = session.pop("id_token", None)
    session.clear()
    parameters = {"id_token_hint": id_token, "post_logout_redirect_uri": url_for("signed_out", _external=True)}
    end = oauth.laissez_passer.load_server_metadata()["end_session_endpoint"]
    return redirect(f"{end}?{urlencode(parameters)}" if id_token else "/signed-out", code=303)


@app.get("/signed-out")
def signed_out():
    return "Au revoir"
